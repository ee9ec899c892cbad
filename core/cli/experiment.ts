/** `deno task experiment`: runs an experiment, or lists what there is. */
import type { Formats } from "../data/format.ts";
import { FORMATS } from "../data/formats.ts";
import { DeclarationError } from "../experiment/declaration_error.ts";
import { known } from "../experiment/parse.ts";
import type { Experiment } from "../experiment/define.ts";
import { denoHost } from "../experiment/host.ts";
import { runExperiment, type RunOptions } from "../experiment/run.ts";
import { experimentNames, EXPERIMENTS, loadExperiment } from "./catalogue.ts";
import { dataDirectories, downloader } from "./data_sources.ts";
import { experimentParser, type Options } from "./experiment_options.ts";
import { EXIT, runCommand } from "./fail.ts";
import { lockRun, refuseToLock } from "./lock_run.ts";
import { printResult, resultJson } from "./result.ts";
import { runPrinter } from "./run_printer.ts";
import { openScreen, type Screen } from "./screen.ts";
import { table } from "./table.ts";
import { catchInterrupt } from "./interrupt.ts";

/** The command; `experiments` is their folder, `formats` the data sets and where they are published. */
export async function main(
  args: readonly string[],
  experiments = EXPERIMENTS,
  formats = FORMATS,
): Promise<number> {
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
  const screen = openScreen(options.json ? "stderr" : "stdout");
  if (options.lock) await refuseToLock(experiments, experiment, options);
  return await run(experiments, experiment, options, screen, formats);
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

async function run(
  experiments: string,
  experiment: Experiment,
  options: Options,
  screen: Screen,
  formats: Formats,
): Promise<number> {
  const { preset = "quick", seed, seeds = seed, arms, claim, steps, set } = options;
  const { device, resume, profile = false, json, lock = false } = options;
  const interrupt = catchInterrupt(screen);
  screen.live("getting the data and the device ready");
  try {
    const request: RunOptions = {
      ...{ preset, seeds, arms, claim, steps, set, device, resume, profile, comparable: lock },
      dataDirectories: dataDirectories(options.dataDir),
      download: downloader(screen, formats),
      runsFolder: "runs",
      experiments,
      stop: interrupt.asked,
    };
    const printer = runPrinter(screen, experiment.title);
    const result = await runExperiment(denoHost, experiment, request, {
      ...printer,
      planned(report) {
        interrupt.stepsBegin();
        printer.planned(report);
      },
    });
    const locked = lock && result.complete && result.wgsl?.same !== false
      ? await lockRun(experiments, experiment, result)
      : undefined;
    printResult(screen, experiment, options, result, locked);
    if (json) console.log(JSON.stringify(resultJson(experiment, result, locked)));
    if (!result.complete) return EXIT.stopped;
    return result.wgsl?.same === false ? EXIT.otherBits : EXIT.done;
  } finally {
    screen.live("");
    interrupt.release();
  }
}

if (import.meta.main) await runCommand(() => main(Deno.args));
