/** `deno task claims`: what the lectures say, how it is decided, and what came out. */
import { count } from "../experiment/records/format.ts";
import { denoHost } from "../experiment/host.ts";
import { judgeRecords } from "../experiment/claims/judge_records.ts";
import { newestRun, readRun, type StoredRun } from "../experiment/records/read_run.ts";
import { optionWords } from "../experiment/run_command.ts";
import { findLock, lockedRun } from "../reproduce/lock.ts";
import { experimentNames, EXPERIMENTS, loadExperiment } from "./catalogue.ts";
import { claimsTable } from "./claims_table.ts";
import { EXIT, EXIT_HELP, runCommand } from "./fail.ts";
import { parser } from "./parser.ts";
import { openScreen } from "./screen.ts";
import { choiceLines } from "./sweeps_table.ts";
import { wrap } from "./table.ts";

/** The command; `experiments` is the folder of the experiments. */
export async function main(args: readonly string[], experiments = EXPERIMENTS): Promise<number> {
  const parsed = parser("claims", "Prints each claim: verdict, place, criterion and measurement.")
    .argument("[name]", "the experiment; all, if left out")
    .usage("[name]")
    .addHelpText(
      "after",
      `\nVerdicts are those of the newest run in runs/<name>/, else of what is locked.\n\n${EXIT_HELP}`,
    )
    .parse([...args], { from: "user" });
  const [name] = parsed.args;
  const screen = openScreen("stdout");
  for (const each of name === undefined ? await experimentNames(experiments) : [name]) {
    const experiment = await loadExperiment(experiments, each);
    const stored = await runOrLock(experiments, each);
    const task = `deno task experiment ${each}`;
    const cells = stored?.cells ?? [];
    const judgements = await judgeRecords(experiment, cells);
    const choices = choiceLines(experiment, cells, screen.columns - 2);
    screen.print(
      `${each}: ${experiment.title}`,
      ...wrap(stored ? describeRun(stored) : `no run yet: ${task}`, screen.columns - 2)
        .map((line) => `  ${line}`),
      "",
      ...(judgements.length === 0 ? ["  It declares no claims.", ""] : []),
      ...claimsTable(experiment, judgements, { width: screen.columns, prose: true }),
      ...(choices.length > 0 ? [...choices.map((line) => `  ${line}`), ""] : []),
    );
  }
  return EXIT.done;
}

/** What an experiment is judged by: a reader's own run rather than what others locked. */
async function runOrLock(experiments: string, experiment: string): Promise<StoredRun | undefined> {
  const folder = await newestRun(denoHost, "runs", experiment);
  if (folder !== undefined) return await readRun(denoHost, folder);
  const found = await findLock(denoHost, experiments, experiment);
  return found && lockedRun(found.folder, found.lock);
}

/** `runs/cnn/...: quick with --steps 20, 3 of 5 cells, stand-in data`. */
function describeRun({ folder, run, cells }: StoredRun): string {
  const changed = optionWords(run);
  const done = cells.filter(({ status }) => status !== "running").length;
  return `${folder}: ` + [
    [run.preset, ...(changed.length > 0 ? ["with", ...changed] : [])].join(" "),
    done < run.cells.length ? `${done} of ${count(run.cells.length, "cell")}` : count(done, "cell"),
    ...(cells.some(({ standIn }) => standIn) ? ["stand-in data"] : []),
  ].join(", ");
}

if (import.meta.main) await runCommand(() => main(Deno.args));
