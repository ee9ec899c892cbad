/** From the records of a run to the verdicts on its claims; it needs no device. */
import { choiceOf, type Claim } from "./claim.ts";
import type { Experiment } from "../define.ts";
import { judge, type Judgement } from "./judge.ts";
import { measureDigest } from "../measures/measure_digest.ts";
import { type ArmResult, pool } from "./pool.ts";
import { machineName } from "../records/format.ts";
import { type CellRecord, wasTimed } from "../records/record.ts";

/**
 * The verdicts on an experiment's claims from cell records. A measure is part of the criterion: a
 * cell whose measure meant something else when it was first taken counts as run under another one.
 */
export async function judgeRecords(
  experiment: Experiment,
  records: readonly CellRecord[],
): Promise<readonly Judgement[]> {
  const present = new Map(
    await Promise.all(
      Object.entries(experiment.measures).map(async ([name, measure]) =>
        [name, await measureDigest(measure)] as const
      ),
    ),
  );
  const changed = ({ digests: { measures } }: ArmResult, name: string) =>
    Object.hasOwn(measures, name) && measures[name] !== present.get(name);
  const cells = pool(records).filter(({ status, point }) =>
    status !== "running" && Object.keys(point).length === 0
  );
  return await judge(
    experiment.claims,
    cells.map((cell) => {
      const { arm, seed, measures, standIn, digests, device } = cell;
      const valid = experiment.claims
        .filter((claim) => !measuresIn(claim).some((name) => changed(cell, name)))
        .flatMap(({ id }) => Object.hasOwn(digests.claims, id) ? [[id, digests.claims[id]!]] : []);
      return {
        ...{ arm, seed, measures, standIn, claims: Object.fromEntries(valid) },
        ...(wasTimed(cell) && { machine: machineName(device) }),
      };
    }),
  );
}

/** Every measure that decides in a claim. */
function measuresIn({ parts }: Claim): string[] {
  return parts.flatMap((part) => [part.measure, choiceOf(part)?.by ?? []].flat());
}
