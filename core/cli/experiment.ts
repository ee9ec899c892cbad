/** `deno task experiment`: runs an experiment, or lists what there is. */
import { type Command, Option } from "commander";
import type { DataDirectory } from "../data/load.ts";
import { DeclarationError, type Experiment, known, PRESETS } from "../experiment/define.ts";
import type { PresetName } from "../experiment/define.ts";
import { DEVICE_CHOICES, type DeviceChoice } from "../experiment/device_choice.ts";
import { denoHost } from "../experiment/host.ts";
import { runExperiment, type RunOptions } from "../experiment/run.ts";
import { experimentNames, EXPERIMENTS, loadExperiment } from "./catalogue.ts";
import { EXIT, runCommand } from "./fail.ts";
import { parseArms, parser, parseSeed, parseSeeds, parseSet, parseSteps } from "./parser.ts";
import { printResult, resultJson } from "./result.ts";
import { runPrinter } from "./run_printer.ts";
import { openScreen, type Screen } from "./screen.ts";
import { table } from "./table.ts";
import { catchInterrupt } from "./interrupt.ts";

/** What the parser leaves. */
export interface Options {
  readonly preset?: PresetName;
  readonly seed?: readonly number[];
  readonly seeds?: readonly number[];
  readonly arms?: readonly string[];
  readonly claim?: string;
  readonly steps?: number;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly dataDir?: string;
  readonly device: DeviceChoice;
  readonly resume?: string;
  readonly profile: boolean;
  readonly json: boolean;
  readonly list: boolean;
}

const HELP = `
Examples:
  deno task experiment cnn                          the main arms in miniature
  deno task experiment cnn --preset standard        every claim, on real data
  deno task experiment cnn --claim cnn-memory       only what this claim needs
  deno task experiment cnn --resume runs/cnn/...    go on with a run that was stopped
  deno task experiment cnn --json | tail -1 | jq    the results as one line of JSON`;

function experimentParser(): Command {
  return parser("experiment", "Runs an experiment and says which of its claims come out.")
    .argument("[name]", "the experiment")
    .option("--list", "list the experiments", false)
    .addOption(
      new Option("--preset <name>", "how much is run (default: quick)").choices(PRESETS)
        .conflicts("resume"),
    )
    .addOption(
      new Option("--seed <n>", "one seed").argParser(parseSeed).conflicts("seeds"),
    )
    .option("--seeds <n|a..b>", "that many seeds from 0, or seeds a to b", parseSeeds)
    .option("--arms <a,b>", "only these arms", parseArms)
    .option("--claim <id>", "only the cells that this claim needs")
    .option("--steps <n>", "training steps instead of the preset's", parseSteps)
    .option("--set <path=value>", "set a field of the arms, such as batch=32; repeatable", parseSet)
    .option("--data-dir <dir>", "folder of the data sets (else SAMEBITS_DATA, else .cache)")
    .addOption(
      new Option("--device <device>", "auto takes a GPU, else the processor")
        .choices(DEVICE_CHOICES).default("auto"),
    )
    .option("--resume <dir>", "go on with the run in this folder; --seeds, --arms add cells to it")
    .option("--profile", "time every dispatch of one step of each arm", false)
    .option("--json", "end stdout with one line of JSON; all else goes to stderr", false)
    .addHelpText("after", HELP);
}

/** The command; `experiments` is the folder of the experiments. */
export async function main(args: readonly string[], experiments = EXPERIMENTS): Promise<number> {
  const parsed = experimentParser().parse([...args], { from: "user" });
  const options = parsed.opts<Options>();
  const [name] = parsed.args;
  if (options.list) return await list(experiments);
  if (name === undefined) {
    const names = await experimentNames(experiments);
    throw new DeclarationError(`name an experiment: ${names.join(", ")} (--list says more)`);
  }
  const experiment = await loadExperiment(experiments, name);
  if (options.claim !== undefined) {
    known("claim", options.claim, experiment.claims.map(({ id }) => id));
  }
  return await run(experiment, options, openScreen(options.json ? "stderr" : "stdout"));
}

async function list(experiments: string): Promise<number> {
  const names = await experimentNames(experiments);
  const all = await Promise.all(names.map((name) => loadExperiment(experiments, name)));
  const screen = openScreen("stdout");
  for (const [i, { name, title, summary, arms, claims }] of all.entries()) {
    if (i > 0) screen.print("");
    screen.print(
      `${name}: ${title}`,
      ...table([
        ["about", summary],
        ["arms", Object.keys(arms).join(", ")],
        ["claims", String(claims.length)],
      ], screen.columns),
    );
  }
  return EXIT.done;
}

async function run(experiment: Experiment, options: Options, screen: Screen): Promise<number> {
  const { preset = "quick", seed, seeds = seed, arms, claim, steps, set } = options;
  const { device, resume, profile, json } = options;
  const interrupt = catchInterrupt(screen);
  screen.live("getting the data and the device ready");
  try {
    const request: RunOptions = {
      ...{ preset, seeds, arms, claim, steps, set, device, profile },
      resume: resume?.replace(/(?<=.)\/+$/, ""),
      dataDirectories: dataDirectories(options),
      runsFolder: "runs",
      stop: interrupt.asked,
    };
    const printer = runPrinter(screen, experiment.title);
    const result = await runExperiment(denoHost, experiment, request, printer);
    printResult(screen, experiment, options, result);
    if (json) console.log(JSON.stringify(resultJson(result)));
    if (!result.complete) return EXIT.stopped;
    return result.wgsl?.same === false ? EXIT.otherBits : EXIT.done;
  } finally {
    screen.live("");
    interrupt.release();
  }
}

/** Where data are looked for, in this order. */
function dataDirectories({ dataDir }: Options): DataDirectory[] {
  const variable = Deno.env.get("SAMEBITS_DATA");
  return [
    ...(dataDir ? [{ path: dataDir, given: true, origin: "--data-dir" }] : []),
    ...(variable ? [{ path: variable, given: true, origin: "SAMEBITS_DATA" }] : []),
    { path: ".cache", given: false, origin: "the cache" },
  ];
}

if (import.meta.main) await runCommand(() => main(Deno.args));
