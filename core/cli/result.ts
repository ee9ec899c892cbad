/** The end of a run: its tables, or one line of JSON. */
import type { Experiment } from "../experiment/define.ts";
import type { CellRecord } from "../experiment/records/record.ts";
import type { RunResult } from "../experiment/run.ts";
import { count, formatBytes } from "../experiment/records/format.ts";
import { resultsFrom } from "../experiment/claims/results.ts";
import { choicesOf } from "../experiment/measures/choices.ts";
import type { Locked } from "../reproduce/write_lock.ts";
import { armsTable } from "./arms_table.ts";
import { claimsTable } from "./claims_table.ts";
import type { Options } from "./experiment_options.ts";
import { nextCommand, nextRows } from "./next_command.ts";
import type { Screen } from "./screen.ts";
import { choiceLines, sweepsTable } from "./sweeps_table.ts";
import { table } from "./table.ts";

/** Prints the arms, the sweeps and what was chosen of them, the claims, the WGSL check, the folder, the lock and what to do next. */
export function printResult(
  screen: Screen,
  experiment: Experiment,
  options: Options,
  result: RunResult,
  locked: Locked | undefined,
): void {
  const { cells, judgements, folder, wgsl } = result;
  const choices = choiceLines(experiment, cells, screen.columns);
  screen.print(
    ...armsTable(experiment, resultsFrom(experiment, cells), screen.columns),
    ...sweepsTable(experiment, cells, screen.columns),
    ...(choices.length > 0 ? ["", ...choices] : []),
  );
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
  screen.print(
    "",
    ...table(
      [
        ...(wgsl ? [["check", wgsl.text]] : []),
        ["run", folder],
        ...(options.lock && result.complete ? [["lock", describeLock(locked)]] : []),
        ...nextRows(nextCommand(experiment, options, result, locked)),
      ],
      screen.columns,
      0,
    ),
  );
}

/** `experiments/cnn/locked: 64 cells in 4 files, 812 kB, at commit 0123456789ab`. */
function describeLock(locked: Locked | undefined): string {
  if (!locked) return "nothing is locked, since the WGSL kernels give other bits";
  const { folder, cells, files, bytes, commit } = locked;
  return `${folder}: ${count(cells, "cell")} in ${count(files.length, "file")}, ` +
    `${formatBytes(bytes)}, at commit ${commit.slice(0, 12)}`;
}

/** What `--json` prints. */
export function resultJson(
  experiment: Experiment,
  { folder, complete, cells, judgements, wgsl }: RunResult,
  locked: Locked | undefined,
): unknown {
  const choices = choicesOf(experiment, cells);
  return {
    run: folder,
    complete,
    cells: cells.map(({ id, arm, seed, tuning, point, status, standIn, progress, measures }) => ({
      ...{ id, arm, seed, tuning, point, status, standIn },
      steps: progress.step,
      metrics: measures,
      digest: weightDigest(progress),
    })),
    ...(choices.length > 0 && { choices }),
    verdicts: Object.fromEntries(judgements.map(({ id, verdict }) => [id, verdict])),
    ...(wgsl && { wgsl }),
    ...(locked && { lock: locked }),
  };
}

/** Of the last step, if a net was trained. */
function weightDigest({ chain }: CellRecord["progress"]): string | null {
  return chain.at(-1)?.[1] ?? null;
}
