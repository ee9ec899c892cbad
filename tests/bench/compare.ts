/** The comparison: each peer's timed groups alternate with ours, so that both see the same machine. */
import type { Device } from "../../core/device/device.ts";
import { type Contestant, runsPerGroup } from "./contestant.ts";
import { type Figure, figure, firstLine } from "./figures.ts";
import { ours } from "./ours.ts";
import { PeerError, PeerProcess } from "./peer_process.ts";
import { PRODUCTS, STEPS } from "./speed.ts";
import { rate, type Task, title, unit } from "./task.ts";

/** One peer at one task. */
export interface Comparison {
  readonly name: string;
  readonly unit: string;
  readonly peer: string;
  readonly version: string;
  /** What the peer ran on. */
  readonly adapter: string;
  readonly ours: Figure;
  readonly theirs: Figure;
  /** Our median over theirs. */
  readonly ratio: number | null;
  readonly error: string | null;
}

interface Peer {
  readonly name: string;
  readonly command: "deno" | "python3";
  readonly args: readonly string[];
}

const HERE = import.meta.dirname!;
const DENO = [
  "run",
  "--quiet",
  "--no-prompt",
  `--config=${HERE}/deno.json`,
];

/** All peers; PyTorch uses a GPU where we do. */
function peers({ info }: Device): Peer[] {
  const jax = [...DENO, `${HERE}/peers/jax.ts`];
  return [
    { name: "jax-js webgpu", command: "deno", args: [...jax, "webgpu"] },
    { name: "jax-js wasm", command: "deno", args: [...jax, "wasm"] },
    {
      name: "TensorFlow.js webgpu",
      command: "deno",
      args: [...DENO, `${HERE}/peers/tensorflow.ts`],
    },
    {
      name: "PyTorch",
      command: "python3",
      args: [`${HERE}/peers/pytorch.py`, info.class === "software" ? "cpu" : "gpu"],
    },
  ];
}

/** Tasks that the peers know. */
const TASKS = { product: PRODUCTS, step: STEPS.slice(0, 1) } as const;

/** Runs every peer, one after the other, at the tasks of the chosen kinds. */
export async function compare(
  device: Device,
  kinds: readonly Task["kind"][],
  rounds: number,
  announce: (what: string) => void,
): Promise<Comparison[]> {
  const tasks = kinds.flatMap((kind): readonly Task[] => TASKS[kind]);
  const rows: Comparison[] = [];
  for (const { name, command, args } of peers(device)) {
    announce(name);
    let peer: PeerProcess | undefined;
    let refusal: unknown;
    try {
      peer = await PeerProcess.start(command, args);
    } catch (error) {
      refusal = error;
    }
    for (const task of tasks) {
      if (peer) announce(`${name}: ${title(task)}`);
      const { version = "", adapter = "" } = peer ?? {};
      const common = { name: title(task), unit: unit(task), peer: name, version, adapter };
      try {
        if (!peer) throw refusal;
        rows.push({ ...common, ...await alternate(ours(device), peer, task, rounds) });
      } catch (error) {
        const none = figure([]);
        rows.push({ ...common, ours: none, theirs: none, ratio: null, error: reason(error) });
      }
    }
    await peer?.close();
  }
  return rows;
}

function reason(error: unknown): string {
  return error instanceof PeerError ? error.message : firstLine(error);
}

async function alternate(we: Contestant, they: Contestant, task: Task, rounds: number) {
  const prepared = [await we.prepare(task), await they.prepare(task)] as const;
  try {
    const runs = [await runsPerGroup(prepared[0]), await runsPerGroup(prepared[1])] as const;
    const rates: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      for (const side of [0, 1] as const) {
        rates[side].push(rate(task, await prepared[side].run(runs[side]) / runs[side]));
      }
    }
    const [ours, theirs] = [figure(rates[0]), figure(rates[1])];
    return { ours, theirs, ratio: ours.median! / theirs.median!, error: null };
  } finally {
    for (const side of prepared) side.close();
  }
}
