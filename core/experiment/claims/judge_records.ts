/** From the records of a run to the verdicts on its claims; it needs no device. */
import { choiceOf, type Claim } from "./claim.ts";
import type { Experiment } from "../define.ts";
import { judge, type JudgedCell, type Judgement } from "./judge.ts";
import { meaningsOf } from "../measures/measure_digest.ts";
import { needsOf } from "./needs.ts";
import { type Result, resultsFrom } from "./results.ts";
import { machineName } from "../records/format.ts";
import { type CellRecord, wasTimed } from "../records/record.ts";

/**
 * The verdicts on an experiment's claims from cell records. A measure is part of the criterion: a
 * cell whose measure meant something else when it was first taken counts as run under another one,
 * and so does one whose measure across cells rests on such a cell.
 */
export async function judgeRecords(
  experiment: Experiment,
  records: readonly CellRecord[],
): Promise<readonly Judgement[]> {
  const { claims, measures } = experiment;
  const meanings = await meaningsOf(experiment);
  const done = resultsFrom(experiment, records).filter(({ status }) => status !== "running");
  const judgements = claims.map(async (claim) => {
    const names = needsOf(claim, measures).measures;
    const changed = ({ arm, digests }: Pick<CellRecord, "arm" | "digests">) =>
      names.some((name) => {
        const meaning = meanings(name, arm);
        return meaning !== undefined && Object.hasOwn(digests.measures, name) &&
          digests.measures[name] !== meaning;
      });
    const judged = (result: Result): JudgedCell => {
      const { arm, seed, measures, standIn, restsOn } = result;
      const digest = digestIn(result, claim);
      const valid = !changed(result) &&
        names.flatMap((name) => restsOn[name] ?? [])
          .every((cell) => !changed(cell) && digestIn(cell, claim) === digest);
      const claims = valid && digest !== undefined ? { [claim.id]: digest } : {};
      return {
        ...{ arm, seed, measures, standIn, claims },
        ...(wasTimed(result) && { machine: machineName(result.device) }),
      };
    };
    return await judge([claim], done.filter((result) => speaksFor(result, claim)).map(judged));
  });
  return (await Promise.all(judgements)).flat();
}

/** A cell that tunes speaks only where it chooses an opponent. */
function speaksFor(result: Result, { parts }: Claim): boolean {
  const seeds = parts.flatMap((part) => choiceOf(part)?.seed ?? []);
  return Object.keys(result.point).length === 0 &&
    (!result.tuning || seeds.includes(result.seed));
}

/** The digest of a claim as it stood when the cell started, where it serves the claim. */
function digestIn({ digests: { claims } }: Pick<CellRecord, "digests">, { id }: Claim) {
  return Object.hasOwn(claims, id) ? claims[id] : undefined;
}
