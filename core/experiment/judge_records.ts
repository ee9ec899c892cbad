/** From the records of a run to the verdicts on its claims; it needs no device. */
import type { Experiment } from "./define.ts";
import { judge, type Judgement } from "./judge.ts";
import { pool } from "./pool.ts";
import type { CellRecord } from "./record.ts";

/** The verdicts on an experiment's claims from cell records. */
export function judgeRecords(
  experiment: Experiment,
  records: readonly CellRecord[],
): Promise<readonly Judgement[]> {
  const cells = pool(records).filter(({ status, point }) =>
    status !== "running" && Object.keys(point).length === 0
  );
  return judge(
    experiment.claims,
    cells.map(({ arm, seed, measures, standIn, digests }) => ({
      arm,
      seed,
      measures,
      standIn,
      claims: digests.claims,
    })),
  );
}
