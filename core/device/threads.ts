/**
 * Threads that share the phases of SIMD kernels. The opener's thread takes its part, so a phase is
 * done even where no worker has come up yet; workers start with the first phase worth sharing.
 *
 * Threads agree by one word, the ticket: a phase's number and how many of its ranges are left. Who
 * lowers it by one owns a range, and only then reads what the phase is: it cannot be replaced while
 * an owned range is unfinished.
 */
import type { Phase } from "./program.ts";

/** Bytes at the beginning of the memory in which threads speak to each other. */
export const CONTROL_BYTES = 256;

/** Calls of one phase, for which the control bytes have room. */
export const MOST_CALLS = 14;

/** A phase whose calls' arguments lie in memory. */
export interface PlacedPhase {
  readonly units: number;
  readonly perRange: number;
  readonly ranges: number;
  readonly calls: readonly { readonly entry: string; readonly address: number }[];
}

/** One thread's part in the work. */
interface Member {
  /** Has all ranges of a phase done, and does those that nobody else takes. */
  run(phase: PlacedPhase): void;
  /** Takes ranges of whatever phase is run, until the crew is dismissed. */
  serve(): void;
  /** Ends the others' `serve`. */
  dismiss(): void;
}

/** Self-contained, because a worker gets it as text. */
function join(module: WebAssembly.Module, memory: WebAssembly.Memory): Member {
  // Each on a cache line of its own: the ticket, the count of finished ranges, and the phase.
  const TICKET = 0, FINISHED = 16, UNITS = 32, PER_RANGE = 33, RANGES = 34, CALLS = 35, LIST = 36;
  const RANGE_BITS = 8, DISMISSED = -1;
  // About 50 microseconds: most phases follow each other faster than a sleeper wakes.
  const SPINS = 5_000;

  const words = new Int32Array(memory.buffer, 0, 64);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const names = Object.keys(exports);
  const kernels = Object.values(exports) as ((args: number, from: number, to: number) => void)[];
  let phases = 0;

  function take(): number {
    for (;;) {
      const ticket = Atomics.load(words, TICKET);
      const left = ticket & (1 << RANGE_BITS) - 1;
      if (ticket === DISMISSED || left === 0) return ticket;
      if (Atomics.compareExchange(words, TICKET, ticket, ticket - 1) !== ticket) continue;
      const ranges = words[RANGES]!, perRange = words[PER_RANGE]!;
      const from = (ranges - left) * perRange;
      const to = Math.min(from + perRange, words[UNITS]!);
      const end = LIST + 2 * words[CALLS]!;
      try {
        for (let i = LIST; i < end; i += 2) kernels[words[i]!]!(words[i + 1]!, from, to);
      } finally {
        if (Atomics.add(words, FINISHED, 1) === ranges - 1) Atomics.notify(words, FINISHED);
      }
    }
  }

  /** Returns when the word is, or may be, another than `value`. */
  function wait(index: number, value: number): void {
    for (let i = 0; i < SPINS; i++) if (Atomics.load(words, index) !== value) return;
    Atomics.wait(words, index, value);
  }

  return {
    run({ units, perRange, ranges, calls }) {
      words[UNITS] = units;
      words[PER_RANGE] = perRange;
      words[RANGES] = ranges;
      words[CALLS] = calls.length;
      calls.forEach(({ entry, address }, i) => {
        words[LIST + 2 * i] = names.indexOf(entry);
        words[LIST + 2 * i + 1] = address;
      });
      Atomics.store(words, FINISHED, 0);
      phases = phases + 1 & 0x3fffff;
      Atomics.store(words, TICKET, phases << RANGE_BITS | ranges);
      if (ranges > 1) Atomics.notify(words, TICKET);
      take();
      for (let done; (done = Atomics.load(words, FINISHED)) < ranges;) {
        try {
          wait(FINISHED, done);
        } catch {
          // A page's main thread must not sleep; it goes on asking.
        }
      }
    },
    serve() {
      for (let ticket; (ticket = take()) !== DISMISSED;) wait(TICKET, ticket);
    },
    dismiss() {
      Atomics.store(words, TICKET, DISMISSED);
      Atomics.notify(words, TICKET);
    },
  };
}

/** Operations of a range at least: below, taking it costs too much of the time it takes. */
const RANGE_WORK = 1 << 15;
/** Ranges per thread at most; many, so that a range stays in the cache from one call to the next. */
const RANGES_PER_THREAD = 32;
const MOST_RANGES = 255;

/** How many ranges a phase is cut into, and of how many units; one is not shared. */
export function cut(
  { units, grain = 1, work }: Pick<Phase, "units" | "grain" | "work">,
  threads: number,
): { readonly perRange: number; readonly ranges: number } {
  const wanted = Math.min(work / RANGE_WORK, threads * RANGES_PER_THREAD, MOST_RANGES);
  const perRange = Math.max(1, Math.ceil(units / Math.max(1, wanted) / grain)) * grain;
  return { perRange, ranges: Math.ceil(units / perRange) };
}

/** Threads over one memory. */
export class Crew {
  readonly #module: WebAssembly.Module;
  readonly #memory: WebAssembly.Memory;
  readonly #self: Member;
  readonly #workers: Worker[] = [];
  #missing: number;

  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory, threads: number) {
    this.#module = module;
    this.#memory = memory;
    this.#self = join(module, memory);
    this.#missing = threads - 1;
  }

  /** Workers that were started. */
  get workers(): number {
    return this.#workers.length;
  }

  /** Runs a phase to its end. */
  run(phase: PlacedPhase): void {
    if (phase.ranges > 1 && this.#missing > 0) this.#start();
    this.#self.run(phase);
  }

  /** Ends the workers. */
  close(): void {
    this.#missing = 0;
    this.#self.dismiss();
    for (const worker of this.#workers) worker.terminate();
  }

  #start(): void {
    const text = `onmessage = ({ data }) => (${join})(data.module, data.memory).serve();`;
    const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    try {
      for (; this.#missing > 0; this.#missing--) {
        const worker = new Worker(url, { type: "module" });
        this.#workers.push(worker);
        worker.postMessage({ module: this.#module, memory: this.#memory });
      }
    } catch {
      // No workers here, or none that may have the memory (a page without isolation): this thread
      // does all ranges.
      this.#missing = 0;
    }
  }
}
