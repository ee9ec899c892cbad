/** Going on with a run: what it was asked for, what may be added, and what must not have changed. */
import { DeclarationError } from "./declaration_error.ts";
import type { Experiment } from "./define.ts";
import { type Cell, type PlanOptions, presetSeeds } from "./plan.ts";
import type { RunRecord } from "./records/record.ts";

/**
 * The options that a run in `folder` goes on with: its own, and the seeds and arms that are asked
 * for besides. Nothing that it has is dropped, so a later resume still finishes every cell.
 *
 * @throws {DeclarationError} when it is a run of another experiment, or for another claim.
 */
export function resumeOptions<Options extends PlanOptions>(
  experiment: Experiment,
  run: RunRecord,
  folder: string,
  asked: Options,
): Options {
  if (run.experiment !== experiment.name) {
    throw new DeclarationError(
      `${folder} is a run of "${run.experiment}", not of "${experiment.name}"; ` +
        `resume it with: deno task experiment ${run.experiment} --resume ${folder}`,
    );
  }
  const { seeds, arms, claim, steps, set } = run.options;
  if (claim !== undefined && asked.claim !== undefined && claim !== asked.claim) {
    throw new DeclarationError(
      `${folder} has the cells of claim ${claim} only; start a new run for ${asked.claim}`,
    );
  }
  const preset = experiment.presets[run.preset];
  // A claim's arms may lie outside the preset's.
  const before = arms ?? (claim === undefined ? preset.arms : undefined) ??
    Object.keys(experiment.arms);
  return {
    ...asked,
    preset: run.preset,
    seeds: asked.seeds &&
        union(seeds ?? presetSeeds(preset), asked.seeds)
          .sort((a, b) => a - b) || seeds,
    arms: asked.arms && union(before, asked.arms) ||
      arms,
    claim,
    steps: asked.steps ?? steps,
    set: asked.set ?? set,
  };
}

/**
 * Cells may be added to a run, but those that it has must be the ones declared now.
 *
 * @throws {DeclarationError} naming the first cell that is another now.
 */
export function refuseOtherDeclaration(
  run: RunRecord,
  cells: readonly Cell[],
  folder: string,
): void {
  for (const { id, digest } of cells) {
    const before = run.cells.find((cell) => cell.id === id);
    if (before && before.digest !== digest) {
      throw new DeclarationError(
        `${folder} was made by another declaration: cell ${id} had config digest ` +
          `${before.digest.slice(0, 12)}, now it has ${digest.slice(0, 12)}; resume it with the ` +
          "declaration and options it was started with, or start a new run",
      );
    }
  }
}

function union<T>(some: readonly T[], others: readonly T[]): T[] {
  return [...new Set([...some, ...others])];
}
