/** `deno task reproduce`: runs what was locked again and says how well it was reproduced. */
import type { Formats } from "../data/format.ts";
import { FORMATS } from "../data/formats.ts";
import { known } from "../experiment/parse.ts";
import { formatBytes } from "../experiment/records/format.ts";
import { denoHost } from "../experiment/host.ts";
import { judgeFresh } from "../reproduce/fresh_seeds.ts";
import { reproduce, type ReproduceOptions } from "../reproduce/reproduce.ts";
import {
  packBatches,
  reproduceBatches,
  reproduceSteps,
  type StepsWatcher,
} from "../reproduce/steps.ts";
import type { Source, Target } from "../reproduce/target.ts";
import type { Tier } from "../reproduce/tier.ts";
import { EXPERIMENTS, loadExperiment } from "./catalogue.ts";
import { dataDirectories, downloader } from "./data_sources.ts";
import { EXIT, runCommand } from "./fail.ts";
import { catchInterrupt } from "./interrupt.ts";
import { type Options, reproduceParser } from "./reproduce_options.ts";
import { goOn, nextAfterRun, nextAfterSteps, replayCommand } from "./reproduce_next.ts";
import {
  answerJson,
  freshJson,
  printAnswer,
  printComparison,
  printFresh,
  printStopped,
  printTarget,
  runRows,
} from "./reproduce_result.ts";
import { runPrinter } from "./run_printer.ts";
import { openScreen, type Screen } from "./screen.ts";
import { table } from "./table.ts";

const TIER_EXIT: Readonly<Record<Tier, number>> = {
  A: EXIT.done,
  B: EXIT.otherBitsSameFindings,
  failed: EXIT.otherBits,
};

/** What the ways of reproducing share. */
interface Context {
  readonly source: Source;
  readonly options: Options;
  readonly asked: Omit<ReproduceOptions, "stop">;
  readonly screen: Screen;
}

/** The command; `experiments` is their folder, `formats` the data sets and where they are published. */
export async function main(
  args: readonly string[],
  experiments = EXPERIMENTS,
  formats = FORMATS,
): Promise<number> {
  const parsed = reproduceParser().parse([...args], { from: "user" });
  const options = parsed.opts<Options>();
  const experiment = await loadExperiment(experiments, parsed.args[0]!);
  if (options.claim !== undefined) {
    known("claim", options.claim, experiment.claims.map(({ id }) => id));
  }
  const screen = openScreen(options.json ? "stderr" : "stdout");
  const context = {
    source: { host: denoHost, experiment, experiments },
    options,
    asked: askedOf(options, screen, formats),
    screen,
  };
  try {
    screen.live("reading the lock and getting data and device ready");
    if (options.writeBatches !== undefined) return await pack(context, options.writeBatches);
    if (options.batches !== undefined) return await first(context, options.batches);
    if (options.steps !== undefined) return await first(context);
    return await running(context, options.freshSeeds === undefined ? whole : fresh);
  } finally {
    screen.live("");
  }
}

function askedOf(options: Options, screen: Screen, formats: Formats): Context["asked"] {
  const { preset = "standard", arms, claim, seeds, device, resume, dataDir } = options;
  return {
    ...{ preset, arms, claim, seeds, device, resume },
    dataDirectories: dataDirectories(dataDir),
    download: downloader(screen, formats),
    // Apart, so that an experiment's newest run stays the reader's own.
    runsFolder: "runs/reproduced",
  };
}

/** A way that leaves a run, which Ctrl-C stops so that it can be resumed. */
type Running = (
  context: Context,
  asked: ReproduceOptions,
  run: ReturnType<typeof runPrinter>,
) => Promise<number>;

async function running(context: Context, way: Running): Promise<number> {
  const { screen, asked, source: { experiment } } = context;
  const interrupt = catchInterrupt(screen);
  const printer = runPrinter(screen, experiment.title);
  try {
    return await way(context, { ...asked, stop: interrupt.asked }, {
      ...printer,
      planned(report) {
        interrupt.stepsBegin();
        printer.planned(report);
      },
    });
  } finally {
    interrupt.release();
  }
}

const whole: Running = async ({ source, options, screen }, asked, run) => {
  const { experiment } = source;
  let target: Target | undefined;
  const result = await reproduce(source, asked, {
    run,
    found(found) {
      target = found;
      printTarget(screen, found);
    },
    compared: (comparison) => printComparison(screen, target!, comparison),
  });
  const { answer, cells } = result;
  if (options.json) {
    console.log(JSON.stringify(answerJson(result.target, cells, answer, result.run)));
  }
  if (answer === undefined) {
    printStopped(screen, result.run, goOn(experiment.name, options, result.run.folder));
    return EXIT.stopped;
  }
  printAnswer(screen, answer, nextAfterRun(options, { ...result, answer }), runRows(result.run));
  return result.run.wgsl?.same === false ? EXIT.otherBits : TIER_EXIT[answer.tier];
};

const fresh: Running = async ({ source, options, screen }, asked, run) => {
  const { experiment } = source;
  const result = await judgeFresh(source, options.freshSeeds!, asked, {
    run,
    found: (target) => printTarget(screen, target),
  });
  if (options.json) console.log(JSON.stringify(freshJson(result)));
  if (result.claims === undefined) {
    printStopped(screen, result.run, goOn(experiment.name, options, result.run.folder));
    return EXIT.stopped;
  }
  printFresh(screen, experiment, result);
  if (result.run.wgsl?.same === false) return EXIT.otherBits;
  return result.claims.some(({ answer }) => answer === "does not hold") ? EXIT.notHeld : EXIT.done;
};

async function first(context: Context, file?: string): Promise<number> {
  const { source, options, asked, screen } = context;
  const { steps } = options;
  const watcher: StepsWatcher = {
    found(target, last) {
      printTarget(screen, target);
      const { locked } = target.pairs[0]!;
      if (steps !== undefined && last < Math.min(steps, locked.progress.step)) {
        screen.print(
          `  steps   ${last} of the ${steps} asked for: weight digests were locked there`,
        );
      }
    },
    chosen({ device: { info }, note }) {
      screen.print(`  device  ${info.kind}: ${info.name}; ${note}`);
      screen.live("  building the programs");
    },
    stepped: (step) => screen.live(`  step ${step}`),
  };
  const { target, comparison, answer } = file === undefined
    ? await reproduceSteps(source, asked, steps!, watcher)
    : await reproduceBatches(source, asked, file, watcher);
  screen.live("");
  printComparison(screen, target, comparison);
  printAnswer(screen, answer, nextAfterSteps(options, target, answer));
  if (options.json) console.log(JSON.stringify(answerJson(target, [comparison], answer)));
  return TIER_EXIT[answer.tier];
}

async function pack({ source, options, asked, screen }: Context, file: string): Promise<number> {
  const { target, cell, steps, bytes } = await packBatches(source, asked, file, options.steps);
  printTarget(screen, target);
  const { experiment, preset } = target.lock;
  screen.print(
    ...table(
      [
        ["batches", `of the first ${steps} steps of ${cell}, ${formatBytes(bytes)}: ${file}`],
        ["next", "where the data cannot go, with the same lock:"],
        ["", replayCommand(experiment, preset, file, options)],
      ],
      screen.columns,
      0,
    ),
  );
  if (options.json) {
    const { folder, notes } = target;
    const line = { experiment, preset, lock: folder, file, cell, steps, bytes, notes };
    console.log(JSON.stringify(line));
  }
  return EXIT.done;
}

if (import.meta.main) await runCommand(() => main(Deno.args));
