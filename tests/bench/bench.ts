/**
 * `deno task bench`: how fast it is, how much memory it takes, and with `--peers` how that compares
 * with TensorFlow.js, jax-js and PyTorch on the same machine. Figures, no verdicts: a quiet machine
 * and a reader decide.
 */
import { InvalidArgumentError } from "commander";
import { runCommand } from "../../core/cli/fail.ts";
import { parser } from "../../core/cli/parser.ts";
import { openScreen } from "../../core/cli/screen.ts";
import type { Device } from "../../core/device/device.ts";
import { openCpu } from "../../core/device/cpu.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { type BufferCount, bufferRows, countBuffers } from "./buffers.ts";
import { compare } from "./compare.ts";
import { encodingRows } from "./encoding.ts";
import { machine, peakResidentMegabytes } from "./machine.ts";
import { render, type Report } from "./report.ts";
import { type Group, GROUPS, type Row, row } from "./row.ts";
import { convolutionRows, PRODUCTS, speedRows, STEPS } from "./speed.ts";
import { type Task, title } from "./task.ts";

/** What is measured, where and how often. */
export interface BenchOptions {
  readonly device: "webgpu" | "cpu";
  readonly rows: readonly Group[];
  readonly rounds: number;
  readonly peers: boolean;
  /** Told what is being measured. */
  readonly announce: (what: string) => void;
}

/** Takes all figures. */
export async function bench(options: BenchOptions): Promise<Report> {
  const { rows: groups, rounds, peers, announce } = options;
  const count = countBuffers();
  const device = options.device === "cpu"
    ? openCpu(denoHost.cpuModel())
    : await denoHost.openWebGpuQuietly();
  try {
    const rows: Row[] = [];
    for (const group of groups) rows.push(...await ROWS[group](device, rounds, announce, count));
    rows.push(
      await row(
        { name: "resident memory of this process", unit: "MB", how: "the most it has had" },
        () => Promise.resolve([peakResidentMegabytes()]),
      ),
    );
    const kinds = (["product", "step"] as const).filter((kind) => groups.includes(kind));
    const comparisons = peers ? await compare(device, kinds, rounds, announce) : [];
    return { machine: machine(device), rounds, rows, comparisons };
  } finally {
    device.close();
  }
}

type TakeRows = (
  device: Device,
  rounds: number,
  announce: (what: string) => void,
  count: BufferCount,
) => Promise<Row[]>;

const ROWS: Readonly<Record<Group, TakeRows>> = {
  product: speedOf(PRODUCTS),
  convolution(device, rounds, announce) {
    announce("convolution kernels");
    return convolutionRows(device, rounds);
  },
  step: speedOf(STEPS),
  encode(device, rounds, announce) {
    announce("encoding");
    return encodingRows(device, rounds);
  },
  buffers(device, _rounds, announce, count) {
    announce("buffers, over 1,000 steps");
    return bufferRows(device, count);
  },
};

function speedOf(tasks: readonly Task[]): TakeRows {
  return async (device, rounds, announce) => {
    const rows: Row[] = [];
    for (const task of tasks) {
      announce(title(task));
      rows.push(...await speedRows(device, task, rounds));
    }
    return rows;
  };
}

/** The command. */
async function main(args: readonly string[]): Promise<number> {
  const parsed = parser("bench", "Measures speed and memory; takes some minutes.")
    .option("--device <name>", "webgpu or cpu", parseDevice, "webgpu")
    .option("--rows <names>", `some of ${GROUPS.join(",")}`, parseGroups, [...GROUPS])
    .option("--rounds <n>", "timed groups for a median", parseRounds, 7)
    .option("--peers", "compare with TensorFlow.js, jax-js and PyTorch, alternating with them")
    .option("--json", "JSON on stdout, the tables on stderr")
    .parse([...args], { from: "user" });
  const { json, peers = false, ...options } = parsed.opts<
    Omit<BenchOptions, "peers" | "announce"> & { json?: true; peers?: true }
  >();
  const screen = openScreen(json ? "stderr" : "stdout");
  const announce = (what: string) => screen.live(`measuring ${what}`);
  const report = await bench({ ...options, peers, announce });
  screen.live("");
  screen.print(...render(report));
  if (json) console.log(JSON.stringify(report));
  return 0;
}

function parseDevice(text: string): string {
  if (!["webgpu", "cpu"].includes(text)) throw new InvalidArgumentError("Give webgpu or cpu.");
  return text;
}

function parseGroups(text: string): Group[] {
  const unknown = text.split(",").find((name) => !(GROUPS as readonly string[]).includes(name));
  if (unknown !== undefined) throw new InvalidArgumentError(`There are ${GROUPS.join(", ")}.`);
  return text.split(",") as Group[];
}

function parseRounds(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("Give a number from 1.");
  return Number(text);
}

if (import.meta.main) await runCommand(() => main(Deno.args));
