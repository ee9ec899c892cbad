/** What to do after a reproduction. */
import { quote } from "../experiment/run_command.ts";
import type { Reproduction } from "../reproduce/reproduce.ts";
import type { Target } from "../reproduce/target.ts";
import type { Answer } from "../reproduce/tier.ts";
import type { Options } from "./reproduce_options.ts";

/** A command, and why. */
export type Next = readonly [command: string, why: string];

/** Goes on with a run that was stopped. */
export function goOn(name: string, options: Options, folder: string): Next {
  const { freshSeeds } = options;
  const fresh = freshSeeds === undefined ? [] : [`--fresh-seeds ${freshSeeds}`];
  return [task(name, options, `--resume ${quote(folder)}`, ...fresh), "go on with this run:"];
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
  return [task(lock.experiment, options, ...presetWords(lock.preset)), EVERYTHING];
}

/** After first steps. */
export function nextAfterSteps(
  options: Options,
  { lock: { experiment, preset }, pairs }: Target,
  { tier }: Answer,
): Next {
  if (tier === "A") return [task(experiment, options, ...presetWords(preset)), EVERYTHING];
  const { arm, seed } = pairs[0]!.cell;
  return [
    task(
      experiment,
      options,
      ...presetWords(preset),
      `--arms ${quote(arm)} --seeds ${seed}..${seed}`,
    ),
    "run the whole cell; its answer names the command that finds the op and tensor that differ:",
  ];
}

/** Trains on batches from a file. */
export function replayCommand(
  name: string,
  preset: string,
  file: string,
  { arms, claim, seeds }: Options,
): string {
  return [
    `deno task reproduce ${name} --batches ${quote(file)}`,
    ...presetWords(preset),
    ...(arms === undefined ? [] : [`--arms ${quote(arms.join(","))}`]),
    ...(claim === undefined ? [] : [`--claim ${quote(claim)}`]),
    ...(seeds === undefined ? [] : [`--seeds ${seeds[0]}..${seeds.at(-1)}`]),
  ].join(" ");
}

const EVERYTHING = "reproduce every locked cell:";

function task(name: string, { dataDir, device }: Options, ...words: string[]): string {
  return [
    `deno task reproduce ${name}`,
    ...words,
    ...(dataDir === undefined ? [] : [`--data-dir ${quote(dataDir)}`]),
    ...(device === "auto" ? [] : [`--device ${device}`]),
  ].join(" ");
}

function presetWords(preset: string): string[] {
  return preset === "standard" ? [] : [`--preset ${preset}`];
}
