/** What `deno task reproduce` prints of its target, of each cell, and in the end. */
import type { Experiment } from "../experiment/define.ts";
import { count } from "../experiment/records/format.ts";
import type { RunResult } from "../experiment/run.ts";
import type { Comparison } from "../reproduce/compare.ts";
import type { FreshResult } from "../reproduce/fresh_seeds.ts";
import type { Target } from "../reproduce/target.ts";
import { type Answer, comparisonText } from "../reproduce/tier.ts";
import { claimsTable } from "./claims_table.ts";
import { type Next, nextRows } from "./next_command.ts";
import type { Screen } from "./screen.ts";
import { table } from "./table.ts";

/** Reasons that are printed; --json has all. */
const SHOWN = 8;

/** The lock, and what should be known beside the answer. */
export function printTarget(screen: Screen, { lock, folder, notes }: Target): void {
  const devices = new Set(lock.cells.map(({ device: { kind, name } }) => `${kind}: ${name}`));
  screen.live("");
  screen.print(
    `Locked: ${lock.experiment} at ${lock.preset}`,
    ...table([
      ["lock", folder],
      ["cells", `${count(lock.cells.length, "cell")}, run on ${[...devices].join("; ")}`],
      ["commit", lock.commit.slice(0, 12)],
      ...notes.map((note) => ["note", note]),
    ], screen.columns),
    "",
  );
}

/** A cell that was compared. */
export function printComparison(screen: Screen, { pairs }: Target, cell: Comparison): void {
  const width = Math.max(...pairs.map(({ cell: { id } }) => id.length));
  screen.print(...table([[cell.id.padEnd(width), comparisonText(cell)]], screen.columns));
}

/** Tier and coverage, why it is no better, and what to do next. */
export function printAnswer(
  screen: Screen,
  { text, reasons }: Answer,
  next: Next | undefined,
  rows: readonly (readonly string[])[] = [],
): void {
  const more = reasons.length - SHOWN;
  const shown = [...reasons.slice(0, SHOWN), ...(more > 0 ? [`and ${more} more`] : [])];
  screen.print(
    "",
    ...table(
      [
        ["answer", text],
        ...shown.map((reason, i) => [i === 0 ? "because" : "", reason]),
        ...rows,
        ...(next ? nextRows(next) : []),
      ],
      screen.columns,
      0,
    ),
  );
}

/** The folder of a run, and what the WGSL check found. */
export function runRows({ folder, wgsl }: RunResult): string[][] {
  return [...(wgsl ? [["check", wgsl.text]] : []), ["run", folder]];
}

/** A run that was stopped has no answer yet. */
export function printStopped(screen: Screen, run: RunResult, next: Next): void {
  screen.print("", ...table([...runRows(run), ...nextRows(next)], screen.columns, 0));
}

/** What `--json` prints of an answer. */
export function answerJson(
  { lock, folder, notes }: Target,
  cells: readonly Comparison[],
  answer: Answer | undefined,
  run?: RunResult,
): unknown {
  return {
    experiment: lock.experiment,
    preset: lock.preset,
    lock: folder,
    ...(run && { run: run.folder, complete: run.complete }),
    ...answer,
    cells,
    notes,
    ...(run?.wgsl && { wgsl: run.wgsl }),
  };
}

/** Claim by claim: what was locked, what came out on fresh seeds. */
export function printFresh(
  screen: Screen,
  experiment: Experiment,
  { claims = [], judgements, seeds, run }: FreshResult,
): void {
  screen.print(
    "",
    "Claims on fresh seeds",
    ...claimsTable(experiment, judgements, { width: screen.columns, prose: false }),
    "",
    `Locked verdict, and that on seeds ${seeds.join(", ")}`,
    ...table(
      [
        ["claim", "locked", "fresh", ""],
        ...claims.map(({ id, locked, fresh, answer, why }) => [
          id,
          locked,
          fresh ?? "-",
          why === undefined ? answer : `${answer}: ${why}`,
        ]),
      ],
      screen.columns,
    ),
    "",
    ...table([["answer", freshText(claims)], ...runRows(run)], screen.columns, 0),
  );
}

function freshText(claims: NonNullable<FreshResult["claims"]>): string {
  const judged = claims.filter(({ answer }) => answer !== "not judged");
  const hold = judged.filter(({ answer }) => answer === "holds").length;
  return `${hold} of ${count(judged.length, "judged claim")} ${hold === 1 ? "holds" : "hold"}`;
}

/** What `--json` prints of fresh seeds. */
export function freshJson({ target, run, seeds, claims }: FreshResult): unknown {
  const { lock, folder, notes } = target;
  return {
    experiment: lock.experiment,
    preset: lock.preset,
    lock: folder,
    run: run.folder,
    complete: run.complete,
    seeds,
    ...(claims && { claims }),
    notes,
    ...(run.wgsl && { wgsl: run.wgsl }),
  };
}
