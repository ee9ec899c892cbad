/** The measures of every arm over its seeds, on a terminal. */
import { NONE, summarizeArms } from "../experiment/records/arm_summaries.ts";
import type { Experiment } from "../experiment/define.ts";
import type { ArmResult } from "../experiment/claims/pool.ts";
import { sideBySide, table } from "./table.ts";

/** The results of arms without a net, then measures by trained arms, as many side by side as fit. */
export function armsTable(
  experiment: Experiment,
  all: readonly ArmResult[],
  width: number,
): string[] {
  const { results, trained } = summarizeArms(experiment, all);
  const rows = results.map(([arm, name, value], i) => [
    results[i - 1]?.[0] === arm ? "" : arm,
    name,
    value,
  ]);
  const columns = trained.map(({ title, n, values }) => [title, String(n), ...values]);
  const names = ["", "n", ...Object.keys(experiment.measures)];
  return [
    ...(rows.length > 0 ? ["", "Results", ...table(rows, width)] : []),
    ...(columns.length > 0
      ? ["", "Arms (mean over n seeds, 95 % interval)", ...sideBySide(names, columns, width, NONE)]
      : []),
  ];
}
