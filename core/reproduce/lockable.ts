/**
 * What may be locked: a whole run of a preset as it is declared, on real data, under the criteria
 * that are declared now, from a tree as it is committed. Each refusal is one line that says why, and
 * what to do.
 */
import { claimDigest } from "../experiment/claims/claim.ts";
import { needsOf } from "../experiment/claims/needs.ts";
import { DeclarationError } from "../experiment/declaration_error.ts";
import type { Experiment } from "../experiment/define.ts";
import { makingsOf } from "../experiment/records/making.ts";
import { meaningsOf } from "../experiment/measures/measure_digest.ts";
import { type CellRecord, type RunRecord, wasTrained } from "../experiment/records/record.ts";
import { planCells } from "../experiment/plan.ts";
import type { StoredRun } from "../experiment/records/read_run.ts";
import { optionWords, quote } from "../experiment/run_command.ts";

/** What git says of the tree that the experiments stand in. */
export interface Tree {
  /** Of HEAD. */
  readonly commit: string;
  /** Files that are not as committed there, those of locks left out. */
  readonly changed: readonly string[];
}

/** Changed files that a refusal names. */
const NAMED = 3;

/** @throws {DeclarationError} when the tree is not as committed. */
export function refuseChangedTree({ changed }: Tree): void {
  if (changed.length === 0) return;
  const more = changed.length > NAMED ? ` and ${changed.length - NAMED} more` : "";
  throw new DeclarationError(
    `--lock: the tree is not as committed, so nobody could check the lock: ` +
      `${changed.slice(0, NAMED).join(", ")}${more}; commit, or put aside (git stash -u)`,
  );
}

/** @throws {DeclarationError} when a run is less than a preset that decides claims. */
export function refuseReduced(run: Pick<RunRecord, "experiment" | "preset" | "options">): void {
  const task = `deno task experiment ${run.experiment}`;
  if (run.preset === "quick") {
    throw new DeclarationError(
      "--lock: the preset quick runs in miniature, too little to be held up to anybody; lock a run " +
        `of another one: ${task} --preset standard --lock`,
    );
  }
  const words = optionWords(run);
  if (words.length === 0) return;
  throw new DeclarationError(
    `--lock: a run with ${
      words.join(" ")
    } is not the preset ${run.preset} as it is declared; lock ` +
      `one without: ${task} --preset ${run.preset} --lock`,
  );
}

/** @throws {DeclarationError} naming a cell of the preset as it is declared that is not done. */
export async function refuseUnfinished(
  experiment: Experiment,
  { folder, run, cells }: StoredRun,
): Promise<void> {
  for (const { id, digest } of await planCells(experiment, { preset: run.preset })) {
    const done = cells.some(({ status, digests, ...cell }) =>
      cell.id === id && digests.config === digest && status !== "running"
    );
    if (done) continue;
    throw new DeclarationError(
      `--lock: cell ${id} of the preset ${run.preset}, as it is declared now, is not done; go on ` +
        `with the run: deno task experiment ${run.experiment} --resume ${quote(folder)} --lock`,
    );
  }
}

/**
 * Refuses cells whose numbers cannot be compared, or that were not all run under the criteria that
 * are declared now.
 *
 * @throws {DeclarationError} naming the cell and what is wrong with it.
 */
export async function refuseCells(
  experiment: Experiment,
  cells: readonly CellRecord[],
): Promise<void> {
  for (const cell of cells) {
    if (cell.standIn) {
      throw new DeclarationError(
        `--lock: cell ${cell.id} learned the built-in stand-in; fetch the real data (deno task data ` +
          `${cell.config["data"]}) and start a new run`,
      );
    }
    const isEmpty = cell.status === "finished" && Object.keys(cell.measures).length === 0;
    if (!wasTrained(cell) && isEmpty) {
      throw new DeclarationError(
        `--lock: cell ${cell.id} came to no finite number, so there is nothing to compare with; ` +
          "mend what it computes, and start a new run",
      );
    }
    const specific = makingsOf(cell).find(({ device }) => device.spelling === "none");
    if (specific) {
      throw new DeclarationError(
        `--lock: cell ${cell.id} was run on ${specific.device.name}, on which no spelling of the ` +
          "arithmetic contract holds, so nobody else has its bits; start a new run on another " +
          "device (--device cpu)",
      );
    }
  }
  await refuseOtherClaims(experiment, cells);
  await refuseOtherMeasures(experiment, cells);
}

/** A claim that none of its cells knew was added later; the judge says so, and no number is hidden. */
async function refuseOtherClaims(
  { claims, measures }: Experiment,
  cells: readonly CellRecord[],
): Promise<void> {
  for (const claim of claims) {
    const digest = await claimDigest(claim);
    const { arms } = needsOf(claim, measures);
    const serving = cells.filter(({ arm }) => arms.includes(arm));
    const criterion = ({ digests }: CellRecord) =>
      Object.hasOwn(digests.claims, claim.id) ? digests.claims[claim.id] : undefined;
    const other = serving.find((cell) => criterion(cell) !== digest);
    if (!other || serving.every((cell) => criterion(cell) === undefined)) continue;
    throw new DeclarationError(
      `--lock: cell ${other.id} was run under other criteria for claim ${claim.id} than are ` +
        "declared now; declare those again, or start a new run",
    );
  }
}

async function refuseOtherMeasures(
  experiment: Experiment,
  cells: readonly CellRecord[],
): Promise<void> {
  const meanings = await meaningsOf(experiment);
  for (const name of Object.keys(experiment.measures)) {
    const other = cells.find(({ arm, digests }) => {
      const meaning = meanings(name, arm);
      return meaning !== undefined && Object.hasOwn(digests.measures, name) &&
        digests.measures[name] !== meaning;
    });
    if (!other) continue;
    throw new DeclarationError(
      `--lock: the measure "${name}" of cell ${other.id} meant something else than is declared now; ` +
        "declare that again, or start a new run",
    );
  }
}
