/** What to do after a reproduction. */
import type { PresetName } from "../experiment/arms/presets.ts";
import { quote, reproduceCommand } from "../experiment/run_command.ts";
import type { Reproduction } from "../reproduce/reproduce.ts";
import type { Target } from "../reproduce/target.ts";
import type { Answer } from "../reproduce/tier.ts";
import type { Next } from "./next_command.ts";
import type { Options } from "./reproduce_options.ts";

/** Goes on with a run that was stopped. */
export function goOn(name: string, options: Options, folder: string): Next {
  const { freshSeeds } = options;
  const fresh = freshSeeds === undefined ? [] : [`--fresh-seeds ${freshSeeds}`];
  const task = `deno task reproduce ${name} --resume ${quote(folder)}`;
  return [here([task, ...fresh], options), "go on with this run:"];
}

/** After whole cells: where they differ, or the others; nothing where all is reproduced. */
export function nextAfterRun(
  options: Options,
  { target: { lock }, run, cells, answer }: Required<Reproduction>,
): Next | undefined {
  const other = cells.find(({ bits, weights }) => bits === "other" && weights);
  if (other) {
    return [
      `deno task diverge ${quote(`${run.folder}/${other.id}`)} lock`,
      "find the first step, op and tensor that differ:",
    ];
  }
  if (answer.whole) return undefined;
  return everything(lock, options);
}

/** After first steps. */
export function nextAfterSteps(options: Options, { lock, pairs }: Target, { tier }: Answer): Next {
  if (tier === "A") return everything(lock, options);
  const { arm, seed } = pairs[0]!.cell;
  const whole = [
    reproduceCommand(lock.experiment, lock.preset),
    `--arms ${quote(arm)} --seeds ${seed}..${seed}`,
  ];
  return [
    here(whole, options),
    "run the whole cell; its answer names the command that finds the op and tensor that differ:",
  ];
}

/** Trains on batches from a file. */
export function replayCommand(
  name: string,
  preset: PresetName,
  file: string,
  { arms, claim, seeds }: Options,
): string {
  return [
    reproduceCommand(name, preset),
    `--batches ${quote(file)}`,
    ...(arms === undefined ? [] : [`--arms ${quote(arms.join(","))}`]),
    ...(claim === undefined ? [] : [`--claim ${quote(claim)}`]),
    ...(seeds === undefined ? [] : [`--seeds ${seeds[0]}..${seeds.at(-1)}`]),
  ].join(" ");
}

function everything({ experiment, preset }: Target["lock"], options: Options): Next {
  return [here([reproduceCommand(experiment, preset)], options), "reproduce every locked cell:"];
}

/** A command with the data and the device of this one. */
function here(words: readonly string[], { dataDir, device }: Options): string {
  return [
    ...words,
    ...(dataDir === undefined ? [] : [`--data-dir ${quote(dataDir)}`]),
    ...(device === "auto" ? [] : [`--device ${device}`]),
  ].join(" ");
}
