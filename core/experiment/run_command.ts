/** The commands that make a run again, from its record. */
import type { PresetName } from "./arms/presets.ts";
import type { RunRecord } from "./records/record.ts";

/** The options of `deno task experiment` beyond the preset, as they are written on a shell. */
export function optionWords({ options }: Pick<RunRecord, "options">): string[] {
  const { arms, claim, steps, set = {} } = options;
  return [
    ...seedsWords(options.seeds),
    ...(arms ? [`--arms ${quote(arms.join(","))}`] : []),
    ...(claim === undefined ? [] : [`--claim ${quote(claim)}`]),
    ...(steps === undefined ? [] : [`--steps ${steps}`]),
    ...Object.entries(set).map(([path, value]) =>
      `--set ${quote(`${path}=${JSON.stringify(value)}`)}`
    ),
  ];
}

/**
 * The whole commands; data and device are the reader's own. Mostly one: seeds with a gap between
 * them were asked for at different times.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { runCommands } from "./run_command.ts";
 *
 * const options = { seeds: [0, 1, 2, 8], steps: 60 };
 * assert.deepEqual(runCommands({ experiment: "cnn", preset: "quick", options }), [
 *   "deno task experiment cnn --preset quick --seeds 3 --steps 60",
 *   "deno task experiment cnn --resume RUN --seed 8",
 * ]);
 * ```
 */
export function runCommands(
  { experiment, preset, options }: Pick<RunRecord, "experiment" | "preset" | "options">,
): string[] {
  const task = `deno task experiment ${quote(experiment)}`;
  const [first, ...later] = ranges(options.seeds);
  const { seeds: _, ...others } = options;
  const start = { ...others, ...(first && { seeds: first }) };
  return [
    [task, `--preset ${preset}`, ...optionWords({ options: start })].join(" "),
    ...later.map((seeds) => [task, "--resume RUN", ...seedsWords(seeds)].join(" ")),
  ];
}

/** The command that reproduces what is locked of an experiment at a preset. */
export function reproduceCommand(experiment: string, preset: PresetName): string {
  return `deno task reproduce ${quote(experiment)}` +
    (preset === "standard" ? "" : ` --preset ${preset}`);
}

/** As a shell reads it. */
export function quote(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function seedsWords(seeds: readonly number[] | undefined): string[] {
  return ranges(seeds).map((range) => {
    const [first, last] = [range[0]!, range.at(-1)!];
    if (first === 0) return `--seeds ${range.length}`;
    return first === last ? `--seed ${first}` : `--seeds ${first}..${last}`;
  });
}

/** Seeds in ascending order, those without a gap between them together. */
function ranges(seeds: readonly number[] = []): number[][] {
  const found: number[][] = [];
  for (const seed of [...new Set(seeds)].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last?.at(-1) === seed - 1) last.push(seed);
    else found.push([seed]);
  }
  return found;
}
