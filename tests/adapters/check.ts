/**
 * `deno task adapter`: everything that an adapter must pass, for a machine that is at hand for
 * minutes only: the probe, the kernel suite, the first 50 steps of every experiment, batches that
 * were packed where the data are, and the bench. What was found is written down after every part, so
 * that a machine that is taken away leaves what it said so far.
 *
 *     deno task adapter [--batches DIR]     the packed batches there, NAME.safetensors each
 *
 * The machine needs no network: carry a clone, Deno, its cache (DENO_DIR) and a Vulkan loader there.
 */
import { basename } from "node:path";
import { experimentNames, EXPERIMENTS, loadExperiment } from "../../core/cli/catalogue.ts";
import { EXIT, runCommand } from "../../core/cli/fail.ts";
import { parseFolder, parser } from "../../core/cli/parser.ts";
import { openScreen } from "../../core/cli/screen.ts";
import { openCpu } from "../../core/device/cpu.ts";
import type { Device } from "../../core/device/device.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { machine } from "../bench/machine.ts";
import { dataOf, firstCell, mainArm } from "../experiments/cells.ts";
import { course } from "../experiments/course.ts";

/** Training steps of every experiment's main arm, on the stand-in. */
const STEPS = 50;
const FOLDER = "tests/adapters";

/** What a part came to: its exit code and, where it prints some, its JSON. */
interface Part {
  readonly code: number;
  readonly seconds: number;
  readonly result: unknown;
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
  const device = await denoHost.openWebGpuQuietly();
  const { info: adapter, probe, limits } = device;
  const record: Record<string, unknown> = {
    machine: machine(),
    driver: await driver(),
    adapter,
    probe,
    limits,
  };
  const name = adapter.name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  const file = `${FOLDER}/${denoHost.now().slice(0, 10)}-${name}.json`;
  const packed = batches === undefined ? [] : (await denoHost.list(batches)).files;
  const parts: [name: string, task: readonly string[], env?: Record<string, string>][] = [
    ["suite", ["test:wgsl"], {
      SAMEBITS_TEST_ADAPTER: adapter.name,
    }],
    ...packed.filter((name) => name.endsWith(".safetensors")).map((name): [string, string[]] => {
      const experiment = basename(name, ".safetensors");
      const options = ["--device", "webgpu", "--batches", `${batches}/${name}`, "--json"];
      return [`batches of ${experiment}`, ["reproduce", experiment, ...options]];
    }),
    ["bench", ["bench", "--device", "webgpu", "--rounds", "5", "--json"]],
  ];
  const steps = await firstSteps(device);
  device.close();
  record["steps"] = steps;
  let failed = steps.some(({ same }) => !same);
  for (const [part, task, env = {}] of parts) {
    const done = await run(task, env, screen.print);
    record[part] = done;
    failed ||= done.code !== 0;
    screen.print(`${part}: ${done.code === 0 ? "passed" : `exit code ${done.code}`}`);
    await denoHost.writeAtomic(file, `${JSON.stringify(record, null, 2)}\n`);
  }
  screen.print(file);
  return failed ? EXIT.otherBits : EXIT.done;
}

/** The weights that the main arms come to here, and whether the cpu device comes to the same. */
async function firstSteps(device: Device) {
  const cpu = openCpu(denoHost.cpuModel());
  const found: { cell: string; steps: number; weights: string; same: boolean }[] = [];
  for (const name of await experimentNames(EXPERIMENTS)) {
    const experiment = await loadExperiment(EXPERIMENTS, name);
    const cell = await firstCell(experiment, mainArm(experiment), { steps: STEPS });
    if (cell.config.kind !== "supervised") continue;
    const data = (await dataOf(cell))!;
    const [here, there] = [
      await course(device, cell.config, data, STEPS),
      await course(cpu, cell.config, data, STEPS),
    ];
    const { weights } = here.after.at(-1)!;
    const same = JSON.stringify(here) === JSON.stringify(there);
    found.push({ cell: `${name}/${cell.id} at quick`, steps: STEPS, weights, same });
  }
  cpu.close();
  return found;
}

/** Runs a task, shows what it prints, and keeps its last line if that is JSON. */
async function run(
  task: readonly string[],
  env: Record<string, string>,
  print: (line: string) => void,
): Promise<Part> {
  const start = performance.now();
  const child = new Deno.Command("deno", { args: ["task", ...task], stdout: "piped", env }).spawn();
  let text = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    print(chunk.trimEnd());
  }
  const { code } = await child.status;
  const last = text.trimEnd().split("\n").at(-1)!;
  // deno-lint-ignore no-control-regex -- colours
  const summary = /\d+ passed.*\d+ failed/.exec(text.replace(/\x1b\[\d*m/g, ""))?.[0];
  const result = last.startsWith("{") ? JSON.parse(last) : summary ?? last;
  return { code, seconds: Math.round((performance.now() - start) / 1000), result };
}

/** The kernel's word on NVIDIA's driver; Mesa's is part of the adapter's name. */
async function driver(): Promise<string | null> {
  const path = "/proc/driver/nvidia/version";
  return await denoHost.exists(path) ? (await denoHost.readText(path)).split("\n")[0]! : null;
}

if (import.meta.main) await runCommand(() => main(Deno.args));
