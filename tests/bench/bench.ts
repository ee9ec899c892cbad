/**
 * `deno task bench`: how fast it is, how much memory it takes, and with `--peers` how that compares
 * with TensorFlow.js, jax-js and PyTorch on the same machine. Figures, no verdicts: a quiet machine
 * and a reader decide.
 */
import { InvalidArgumentError } from "commander";
import { runCommand } from "../../core/cli/fail.ts";
import { parser } from "../../core/cli/parser.ts";
import { openScreen } from "../../core/cli/screen.ts";
import { openCpu } from "../../core/device/cpu.ts";
import type { Device } from "../../core/device/device.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { type BufferCount, bufferRows, countBuffers } from "./buffers.ts";
import { CEILING, ceilingRows } from "./ceiling.ts";
import { checkRows } from "./checks.ts";
import { encodingRows } from "./encoding.ts";
import { ourEntrant, peerEntrants } from "./entrants.ts";
import { machine, peakResidentMegabytes } from "./machine.ts";
import { ratios } from "./ratios.ts";
import { render, type Report } from "./report.ts";
import { failed, type Group, GROUPS, type Row, row } from "./row.ts";
import { spellingRows } from "./spellings.ts";
import { tasks } from "./tasks.ts";
import { proposeTiles } from "./tune.ts";
import { takeTurns } from "./turns.ts";

/** What is measured, where and how often. */
export interface BenchOptions {
  /** Both, where none is named. */
  readonly device?: Kind;
  readonly rows: readonly Group[];
  readonly rounds: number;
  readonly peers: boolean;
  /** Told what is being measured. */
  readonly announce: (what: string) => void;
}

type Kind = Device["info"]["kind"];

/** Takes all figures. */
export async function bench(options: BenchOptions): Promise<Report> {
  const { rows: groups, rounds, announce } = options;
  const count = countBuffers();
  const kinds: readonly Kind[] = options.device ? [options.device] : ["webgpu", "cpu"];
  const opened = new Map<Kind, Device | Error>();
  for (const kind of kinds) opened.set(kind, await open(kind));
  const devices = [...opened.values()].flatMap((device) => device instanceof Error ? [] : [device]);
  try {
    const rows: Row[] = [];
    for (const [group, take] of Object.entries(ROWS)) {
      if (!groups.includes(group as Group)) continue;
      announce(group);
      const device = opened.get(kinds[0]!)!;
      if (device instanceof Error) rows.push(failed({ name: group, unit: "", how: "" }, device));
      else rows.push(...await take(device, rounds, count));
    }
    const onGpu = devices.some(({ info }) => info.kind === "webgpu" && info.class !== "software");
    const entrants = [
      ...[...opened].map(([kind, device]) => ourEntrant(kind, device)),
      ...options.peers ? peerEntrants(onGpu) : [],
    ];
    const { contestants, results } = await takeTurns(
      entrants,
      tasks(groups, onGpu),
      rounds,
      announce,
    );
    rows.push(await row(RESIDENT, () => Promise.resolve([peakResidentMegabytes()])));
    return {
      machine: machine(),
      rounds,
      rows,
      ceiling: rows.find(({ name }) => name === CEILING)?.median ?? null,
      contestants,
      results,
      ratios: ratios(results),
    };
  } finally {
    for (const device of devices) device.close();
  }
}

const RESIDENT = {
  name: "resident memory of this process",
  unit: "MB",
  how: "the most it has had",
};

type TakeRows = (device: Device, rounds: number, count: BufferCount) => Promise<Row[]>;

/** The groups of rows that are about the first device alone. */
const ROWS: Readonly<Partial<Record<Group, TakeRows>>> = {
  ceiling: ceilingRows,
  encode: encodingRows,
  buffers: (device, _rounds, count) => bufferRows(device, count),
  checks: checkRows,
  spellings: spellingRows,
};

async function open(kind: Kind): Promise<Device | Error> {
  if (kind === "cpu") return openCpu(denoHost.cpuModel());
  try {
    return await denoHost.openWebGpuQuietly();
  } catch (error) {
    return error as Error;
  }
}

/** The command. */
async function main(args: readonly string[]): Promise<number> {
  const parsed = parser("bench", "Measures speed and memory; takes some minutes.")
    .option("--device <name>", "webgpu or cpu (default: both)", parseDevice)
    .option("--rows <names>", `some of ${GROUPS.join(",")}`, parseGroups, [...GROUPS])
    .option("--rounds <n>", "timed groups for a median", parseRounds, 7)
    .option("--peers", "compare with TensorFlow.js, jax-js and PyTorch, alternating with them")
    .option("--tune", "measure tiles of products on the adapter and propose a row for the table")
    .option("--json", "JSON on stdout, the tables on stderr")
    .parse([...args], { from: "user" });
  const { json, tune, peers = false, ...options } = parsed.opts<
    Omit<BenchOptions, "peers" | "announce"> & { json?: true; peers?: true; tune?: true }
  >();
  const screen = openScreen(json ? "stderr" : "stdout");
  const announce = (what: string) => screen.live(`measuring ${what}`);
  if (tune) {
    const device = await denoHost.openWebGpuQuietly();
    const lines = await proposeTiles(device, options.rounds, announce);
    device.close();
    screen.live("");
    screen.print(...lines);
    return 0;
  }
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
