/**
 * `deno task adapter`: everything that an adapter must pass, for a machine that is at hand for
 * minutes only: the probe, the first 50 steps of every experiment, batches that were packed where
 * the data are, what each spelling of products costs, the kernel suite, and the bench; what is
 * quickly told comes first. What was found is written down again and again, so that a machine that
 * is taken away leaves what it said so far: a part without an exit code was not done.
 *
 *     deno task adapter [--batches DIR]     the packed batches there, NAME.safetensors each
 *
 * The machine needs no network, only a Vulkan loader, Deno, a clone, and in its DENO_DIR what is put
 * there by
 *
 *     deno cache tests/adapters/check.ts tests/bench/bench.ts core/cli/reproduce.ts \
 *       $(find tests -name "*_test.ts")
 *
 * The task may run anything, since a machine's LD_LIBRARY_PATH may be where its driver is, and Deno
 * hands that on to nobody otherwise.
 */
import { basename } from "node:path";
import { experimentNames, EXPERIMENTS, loadExperiment } from "../../core/cli/catalogue.ts";
import { EXIT, runCommand } from "../../core/cli/fail.ts";
import { parseFolder, parser } from "../../core/cli/parser.ts";
import { openScreen } from "../../core/cli/screen.ts";
import { openCpu } from "../../core/device/cpu.ts";
import type { Device } from "../../core/device/device.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { HostError } from "../../core/experiment/host_interface.ts";
import { machine } from "../bench/machine.ts";
import { GROUPS } from "../bench/row.ts";
import { dataOf, firstCell, mainArm } from "../experiments/cells.ts";
import { course } from "../experiments/course.ts";

/** Training steps of every experiment's main arm, on the stand-in. */
const STEPS = 50;
const FOLDER = "tests/adapters";

/** Between two records of a part under way. */
const SECONDS = 5;

/** What a part came to so far. */
interface Part {
  /** Its exit code, once it has ended. */
  readonly code: number | null;
  readonly seconds: number;
  /** The JSON that it printed, how its tests went, or its last line. */
  readonly result: unknown;
}

/** A part is a task with its arguments. */
type Task = readonly [part: string, words: readonly string[]];

/** The steps that an experiment's main arm took, and whether the cpu device came to the same. */
interface Steps {
  readonly cell: string;
  readonly steps: number;
  readonly seconds: number;
  /** Digest of the weights after them. */
  readonly weights: string;
  readonly same: boolean;
}

/** The command. */
async function main(args: readonly string[]): Promise<number> {
  const { batches } = parser(
    "adapter",
    "Checks the WebGPU adapter here and writes down what it found.",
  )
    .option("--batches <dir>", "folder of packed batches, NAME.safetensors each", parseFolder)
    .parse([...args], { from: "user" })
    .opts<{ batches?: string }>();
  const screen = openScreen("stdout");
  const replays = batches === undefined ? [] : await replaysOf(batches);
  const device = await denoHost.openWebGpuQuietly();
  const { info: adapter, probe, limits } = device;
  const seed = Date.now() % 2 ** 31;
  const steps: Steps[] = [];
  const parts: Record<string, Part> = {};
  const name = adapter.name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  const file = `${FOLDER}/${denoHost.now().slice(0, 10)}-${name}.json`;
  const record = { machine: machine(), driver: await driver(), adapter, probe, limits, seed };
  const save = () =>
    denoHost.writeAtomic(file, `${JSON.stringify({ ...record, steps, ...parts }, null, 2)}\n`);
  await save();
  for await (const found of firstSteps(device)) {
    steps.push(found);
    await save();
    screen.print(`${found.cell}: ${found.same ? "the same bits" : "OTHER BITS"}`);
  }
  device.close();
  for (const [part, words] of [...replays, ...TASKS]) {
    await run(words, environment(adapter.name, seed), screen.print, async (found) => {
      parts[part] = found;
      await save();
    });
    const { code } = parts[part]!;
    screen.print(`${part}: ${code === 0 ? "passed" : `exit code ${code}`}`);
  }
  screen.print(file);
  const sound = steps.every(({ same }) => same) &&
    Object.values(parts).every(({ code }) => code === 0);
  return sound ? EXIT.done : EXIT.otherBits;
}

/** In their order; the bench's other rows take longest and say least of bits. */
const TASKS: readonly Task[] = [
  ["spellings", bench(["spellings"])],
  ["suite", ["test:wgsl"]],
  ["bench", bench(GROUPS.filter((group) => group !== "spellings"))],
];

function bench(rows: readonly string[]): string[] {
  return ["bench", "--device", "webgpu", "--rounds", "5", "--rows", rows.join(), "--json"];
}

async function replaysOf(batches: string): Promise<Task[]> {
  const { files } = await denoHost.list(batches);
  const packed = files.filter((name) => name.endsWith(".safetensors"));
  if (packed.length === 0) {
    throw new HostError(
      `${batches}: expected packed batches, NAME.safetensors each, found none. Write them where ` +
        "the data are, with `deno task reproduce NAME --write-batches NAME.safetensors`.",
    );
  }
  return packed.map((name) => {
    const experiment = basename(name, ".safetensors");
    const options = ["--device", "webgpu", "--batches", `${batches}/${name}`, "--json"];
    return [`batches of ${experiment}`, ["reproduce", experiment, ...options]];
  });
}

/** For the tests: the adapter that must be theirs too, and what repeats a failure. */
function environment(adapter: string, seed: number): Record<string, string> {
  return { SAMEBITS_TEST_ADAPTER: adapter, SAMEBITS_TEST_SEED: String(seed), NO_COLOR: "1" };
}

/** Of every experiment that trains; what the others compute, the suite compares. */
async function* firstSteps(device: Device): AsyncGenerator<Steps> {
  const cpu = openCpu(denoHost.cpuModel());
  try {
    for (const name of await experimentNames(EXPERIMENTS)) {
      const experiment = await loadExperiment(EXPERIMENTS, name);
      const cell = await firstCell(experiment, mainArm(experiment), { steps: STEPS });
      if (cell.config.kind !== "supervised") continue;
      const data = (await dataOf(cell))!;
      const start = performance.now();
      const here = await course(device, cell.config, data, STEPS);
      const seconds = secondsSince(start);
      const there = await course(cpu, cell.config, data, STEPS);
      const { weights } = here.after.at(-1)!;
      const same = JSON.stringify(here) === JSON.stringify(there);
      yield { cell: `${name}/${cell.id} at quick`, steps: STEPS, seconds, weights, same };
    }
  } finally {
    cpu.close();
  }
}

/** Runs a task, shows what it prints, and tells `found` now and then and at the end. */
async function run(
  words: readonly string[],
  env: Record<string, string>,
  print: (line: string) => void,
  found: (part: Part) => Promise<void>,
): Promise<void> {
  const start = performance.now();
  const child = new Deno.Command("deno", { args: ["task", ...words], stdout: "piped", env })
    .spawn();
  let text = "";
  let printed = 0;
  let told = start;
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const end = text.lastIndexOf("\n");
    if (end > printed) {
      print(text.slice(printed, end));
      printed = end + 1;
    }
    if (secondsSince(told) < SECONDS) continue;
    told = performance.now();
    await found({ code: null, seconds: secondsSince(start), result: resultOf(text) });
  }
  const { code } = await child.status;
  await found({ code, seconds: secondsSince(start), result: resultOf(text) });
}

function resultOf(text: string): unknown {
  const lines = text.trimEnd().split("\n");
  const last = lines.at(-1)!;
  try {
    return JSON.parse(last);
  } catch {
    // Of tests every line counts, of other tasks the last.
  }
  const tests = lines.flatMap((line) => {
    const [, name, how] = /^(.*) \.\.\. (ok|FAILED) \(/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, passed: how === "ok" }];
  });
  if (tests.length === 0) return last;
  const failed = tests.filter(({ passed }) => !passed).map(({ name }) => name);
  return { passed: tests.length - failed.length, failed };
}

function secondsSince(start: number): number {
  return Math.round((performance.now() - start) / 1000);
}

/** NVIDIA's word, since no adapter tells its driver; Mesa's is part of the adapter's name. */
async function driver(): Promise<string | null> {
  try {
    const args = ["--query-gpu=name,driver_version,vbios_version", "--format=csv,noheader"];
    const { code, stdout } = await new Deno.Command("nvidia-smi", { args }).output();
    return code === 0 ? new TextDecoder().decode(stdout).trim() : null;
  } catch {
    return null;
  }
}

if (import.meta.main) await runCommand(() => main(Deno.args));
