/** `deno task diverge`: where two trainings of one cell part ways, by step, op and tensor. */
import { Option } from "commander";
import { type PresetName, PRESETS } from "../experiment/arms/presets.ts";
import { DeclarationError } from "../experiment/declaration_error.ts";
import { denoHost } from "../experiment/host.ts";
import { DEVICE_KINDS, type DeviceKind } from "../reproduce/devices.ts";
import { divergeDevices } from "../reproduce/diverge_devices.ts";
import { divergeRecords } from "../reproduce/diverge_records.ts";
import type { Divergence } from "../reproduce/divergence.ts";
import { lockedCell, readCell } from "../reproduce/recorded_cell.ts";
import { EXPERIMENTS, loadExperiment } from "./catalogue.ts";
import { dataDirectories } from "./data_sources.ts";
import { divergenceText } from "./divergence_text.ts";
import { EXIT, EXIT_HELP, runCommand } from "./fail.ts";
import { parseFolder, parser, parseSteps } from "./parser.ts";
import { openScreen } from "./screen.ts";

/** In the place of a folder: the same cell in its experiment's lock. */
const LOCK = "lock";

/** Steps of two devices that are compared, if no other number is asked for. */
const STEPS = 100;

const HELP = `
A and B are folders of cells; or one is the word "lock", for the same cell in its experiment's lock;
or both are devices (cpu, webgpu), with --cell.

Examples:
  deno task diverge runs/cnn/X/reference-s0 runs/cnn/Y/reference-s0
  deno task diverge runs/cnn/X/reference-s0 lock
  deno task diverge cpu webgpu --cell cnn/reference-s0
  deno task diverge cpu webgpu --cell cnn/reference-s0 --preset standard --steps 500

Nothing is written, and nothing is downloaded.

${EXIT_HELP}`;

interface Options {
  readonly cell?: string;
  readonly preset?: PresetName;
  readonly steps?: number;
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** The command; `experiments` is their folder. */
export async function main(args: readonly string[], experiments = EXPERIMENTS): Promise<number> {
  const parsed = parser("diverge", "Finds the first step, op and tensor in which two cells differ.")
    .argument("<a>", 'a cell\'s folder, "lock", or a device', parseFolder)
    .argument("<b>", "the same", parseFolder)
    .option("--cell <experiment/cell>", "the cell to train on two devices")
    .addOption(
      new Option("--preset <name>", "of the cell (default: quick) or the lock (default: the run's)")
        .choices(PRESETS),
    )
    .option("--steps <n>", `steps to train on two devices (default: ${STEPS})`, parseSteps)
    .option("--data-dir <dir>", "folder of the data sets (else SAMEBITS_DATA, else .cache)")
    .option("--json", "end stdout with one line of JSON; all else goes to stderr")
    .usage("<a> <b> [options]")
    .addHelpText("after", HELP)
    .parse([...args], { from: "user" });
  const [a, b] = parsed.processedArgs as [string, string];
  const options = parsed.opts<Options>();
  const screen = openScreen(options.json ? "stderr" : "stdout");
  const told = (what: string) => screen.live(`  ${what}`);
  let divergence: Divergence;
  try {
    divergence = await (isDevice(a) && isDevice(b)
      ? onDevices([a, b], options, experiments, told)
      : ofRecords(a, b, options, experiments, told));
  } finally {
    screen.live("");
  }
  screen.print(...divergenceText(divergence, screen.columns));
  if (options.json) console.log(JSON.stringify(divergence));
  return divergence.result.outcome === "same" ? EXIT.done : EXIT.otherBits;
}

async function onDevices(
  kinds: readonly [DeviceKind, DeviceKind],
  { cell, preset = "quick", steps = STEPS, dataDir }: Options,
  experiments: string,
  told: (what: string) => void,
): Promise<Divergence> {
  const [name, id, ...rest] = cell?.split("/") ?? [];
  if (!name || !id || rest.length > 0) {
    throw new DeclarationError(
      "two devices need the cell to train on them, as experiment and cell: " +
        "--cell cnn/reference-s0",
    );
  }
  const experiment = await loadExperiment(experiments, name);
  const directories = dataDirectories(dataDir);
  return await divergeDevices(denoHost, kinds, {
    ...{ experiment, cell: id, preset, steps, dataDirectories: directories, told },
  });
}

async function ofRecords(
  a: string,
  b: string,
  { cell, steps, preset, dataDir }: Options,
  experiments: string,
  told: (what: string) => void,
): Promise<Divergence> {
  const device = [a, b].find(isDevice);
  if (device !== undefined || (a === LOCK && b === LOCK)) {
    throw new DeclarationError(
      `${device ?? LOCK} is compared with ${
        device ? "another device" : "the folder of a cell"
      }; deno task diverge --help shows the forms`,
    );
  }
  if (cell !== undefined || steps !== undefined) {
    throw new DeclarationError(
      `${cell === undefined ? "--steps" : "--cell"} is for two devices; of records the whole ` +
        "chain is compared",
    );
  }
  const other = (folder: string) => readCell(denoHost, folder);
  const read = async (name: string, beside: string) =>
    name === LOCK
      ? await lockedCell(denoHost, experiments, await other(beside), preset)
      : await other(name);
  const directories = dataDirectories(dataDir);
  return await divergeRecords(denoHost, await read(a, b), await read(b, a), {
    dataDirectories: directories,
    told,
  });
}

function isDevice(name: string): name is DeviceKind {
  return (DEVICE_KINDS as readonly string[]).includes(name);
}

if (import.meta.main) await runCommand(() => main(Deno.args));
