/** The end of a run: its tables, or one line of JSON. */
import type { Experiment } from "../experiment/define.ts";
import type { CellRecord } from "../experiment/record.ts";
import type { RunResult } from "../experiment/run.ts";
import { pool } from "../experiment/pool.ts";
import { armsTable } from "./arms_table.ts";
import { claimsTable } from "./claims_table.ts";
import type { Options } from "./experiment_options.ts";
import { nextCommand } from "./next_command.ts";
import type { Screen } from "./screen.ts";
import { table } from "./table.ts";

/** Prints the arms, the claims, the WGSL check, the folder and what to do next. */
export function printResult(
  screen: Screen,
  experiment: Experiment,
  options: Options,
  result: RunResult,
): void {
  const { cells, judgements, folder, wgsl } = result;
  screen.print(...armsTable(experiment, pool(cells), screen.columns));
  const asked = judgements.filter(({ id, verdict }) =>
    options.claim === undefined ? verdict !== "not run" : id === options.claim
  );
  if (asked.length > 0 && result.complete) {
    screen.print(
      "",
      "Claims",
      ...claimsTable(experiment, asked, { width: screen.columns, prose: false }),
    );
  }
  const [next, why] = nextCommand(experiment, options, result);
  screen.print(
    "",
    ...table(
      [
        ...(wgsl ? [["check", wgsl.text]] : []),
        ["run", folder],
        ["next", why],
        ["", next],
      ],
      screen.columns,
      0,
    ),
  );
}

/** What `--json` prints. */
export function resultJson({ folder, complete, cells, judgements, wgsl }: RunResult): unknown {
  return {
    run: folder,
    complete,
    cells: cells.map(({ id, arm, seed, tuning, point, status, standIn, progress, measures }) => ({
      ...{ id, arm, seed, tuning, point, status, standIn },
      steps: progress.step,
      metrics: measures,
      digest: weightDigest(progress),
    })),
    verdicts: Object.fromEntries(judgements.map(({ id, verdict }) => [id, verdict])),
    ...(wgsl && { wgsl }),
  };
}

/** Of the last step, if a net was trained. */
function weightDigest({ chain }: CellRecord["progress"]): string | null {
  return chain.at(-1)?.[1] ?? null;
}
