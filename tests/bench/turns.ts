/**
 * The comparison: at each task all contestants take turns, one timed group each, so that all see the
 * same machine. Who fails at a task sits it out, is started afresh for the next, and says why.
 */
import { type Contestant, plan, type Prepared } from "./contestant.ts";
import { type Figure, figure, firstLine } from "./figures.ts";
import { PeerError } from "./peer_process.ts";
import { rate, type Task, title, unit } from "./task.ts";

/** Somebody who may take part. */
export interface Entrant {
  readonly name: string;
  /** Why it is not asked to do a task, if it is not. */
  excused?(task: Task): string | undefined;
  start(): Promise<Contestant & { close(): Promise<void> | void }>;
}

/** One contestant at one task. */
export interface Cell extends Figure {
  readonly contestant: string;
  /** How many runs a timed group had. */
  readonly runs: number;
  /** Why there is no figure. */
  readonly error: string | null;
}

/** All contestants at one task. */
export interface Result {
  readonly name: string;
  readonly unit: string;
  readonly cells: readonly Cell[];
}

/** Who took part. */
export interface Identity {
  readonly name: string;
  readonly version: string;
  readonly adapter: string;
  /** Why it did not start. */
  readonly error: string | null;
}

/** Gives every entrant `rounds` turns at each task. */
export async function takeTurns(
  entrants: readonly Entrant[],
  tasks: readonly Task[],
  rounds: number,
  announce: (what: string) => void,
): Promise<{ contestants: Identity[]; results: Result[] }> {
  const seats = entrants.map((entrant) => new Seat(entrant));
  const results: Result[] = [];
  try {
    for (const seat of seats) {
      announce(`the start of ${seat.identity.name}`);
      await seat.start();
    }
    for (const task of tasks) {
      for (const seat of seats) {
        announce(`${title(task)}: ${seat.identity.name} warms up`);
        await seat.prepare(task);
      }
      announce(`${title(task)}: in turns`);
      for (let round = 0; round < rounds; round++) for (const seat of seats) await seat.turn();
      results.push({
        name: title(task),
        unit: unit(task),
        cells: seats.map((seat) => seat.finish()),
      });
    }
  } finally {
    for (const seat of seats) await seat.leave();
  }
  return { contestants: seats.map(({ identity }) => identity), results };
}

/** An entrant's place at the table. */
class Seat {
  identity: Identity;
  readonly #entrant: Entrant;
  #contestant: Awaited<ReturnType<Entrant["start"]>> | undefined;
  #task!: Task;
  #prepared: Prepared | undefined;
  #runs = 0;
  #slow = false;
  #rates: number[] = [];
  #error: string | null = null;

  constructor(entrant: Entrant) {
    this.#entrant = entrant;
    this.identity = { name: entrant.name, version: "", adapter: "", error: null };
  }

  /** Does nothing where it sits already. */
  async start(): Promise<void> {
    if (this.#contestant || this.identity.error !== null) return;
    try {
      this.#contestant = await this.#entrant.start();
      const { version, adapter } = this.#contestant;
      this.identity = { ...this.identity, version, adapter };
    } catch (error) {
      this.identity = { ...this.identity, error: reason(error) };
    }
  }

  async prepare(task: Task): Promise<void> {
    this.#task = task;
    this.#runs = 0;
    this.#slow = false;
    this.#rates = [];
    await this.start();
    this.#error = this.identity.error ?? this.#entrant.excused?.(task) ?? null;
    await this.#attempt(async () => {
      this.#prepared = await this.#contestant!.prepare(task);
      const { runs, slow } = await plan(this.#prepared);
      this.#runs = runs;
      this.#slow = slow !== undefined;
      if (slow !== undefined) this.#rates.push(rate(task, slow));
    });
  }

  turn(): Promise<void> {
    return this.#attempt(async () => {
      if (this.#slow) return;
      this.#rates.push(rate(this.#task, await this.#prepared!.run(this.#runs) / this.#runs));
    });
  }

  finish(): Cell {
    this.#prepared?.close();
    this.#prepared = undefined;
    const error = this.#error;
    const samples = error === null ? this.#rates : [];
    return { contestant: this.identity.name, ...figure(samples), runs: this.#runs, error };
  }

  async leave(): Promise<void> {
    await this.#contestant?.close();
    this.#contestant = undefined;
  }

  async #attempt(what: () => Promise<void>): Promise<void> {
    if (this.#error !== null) return;
    try {
      await what();
    } catch (error) {
      this.#error = reason(error);
      await this.leave();
    }
  }
}

function reason(error: unknown): string {
  return error instanceof PeerError ? error.message : firstLine(error);
}
