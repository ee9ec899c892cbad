/** `deno task report`: one offline page for each experiment with a lock or a run, and their index. */
import { DeclarationError } from "../experiment/declaration_error.ts";
import { known } from "../experiment/parse.ts";
import { denoHost } from "../experiment/host.ts";
import { newestRun, readRun } from "../experiment/records/read_run.ts";
import { findLock, lockedRun } from "../reproduce/lock.ts";
import { fileOf, indexPage } from "../../reports/index_page.ts";
import { reportPage } from "../../reports/report.ts";
import { type Reported, reported } from "../../reports/reported.ts";
import { experimentNames, EXPERIMENTS, loadExperiment } from "./catalogue.ts";
import { EXIT, EXIT_HELP, runCommand } from "./fail.ts";
import { parseFolder, parser } from "./parser.ts";
import { openScreen } from "./screen.ts";

const SITE = "site";

/** What a page is made from. */
type Shown = Pick<Reported, "stored" | "lock">;

/** The command; `experiments` is the folder of the experiments. */
export async function main(args: readonly string[], experiments = EXPERIMENTS): Promise<number> {
  const parsed = parser(
    "report",
    `Makes ${SITE}/: a page for each experiment with a lock or a run.`,
  )
    .argument("[run]", "a run's folder, shown instead of its experiment's lock", parseFolder)
    .usage("[run]")
    .addHelpText(
      "after",
      "\nAn experiment is shown by its lock (at standard, if there is one), else by its newest run " +
        "in\nruns/<name>/. Pages are made from records alone: no device, no network, the same bytes " +
        "each\ntime.\n\n" +
        EXIT_HELP,
    )
    .parse([...args], { from: "user" });
  const [folder] = parsed.processedArgs as [string | undefined];
  const runs = await chosenRuns(experiments, folder);
  // All are made before the first is written, so that a damaged run leaves the site as it was.
  const pages = await Promise.all(runs.map(async (run) => (
    { file: fileOf(run.experiment.name), text: await reportPage(run) }
  )));
  pages.push({ file: fileOf("index"), text: await indexPage(runs) });
  if (!await denoHost.exists(SITE)) await denoHost.createFolder(SITE);
  const screen = openScreen("stdout");
  for (const { file, text } of pages) {
    await denoHost.writeAtomic(`${SITE}/${file}`, text);
    screen.print(`${SITE}/${file}`);
  }
  return EXIT.done;
}

/** What is shown of every experiment that has a lock or a run; of one, the run in `folder`. */
async function chosenRuns(experiments: string, folder: string | undefined): Promise<Reported[]> {
  const names = await experimentNames(experiments);
  const asked = folder === undefined ? undefined : await readRun(denoHost, folder);
  if (asked) known("experiment", asked.run.experiment, names);
  const runs: Reported[] = [];
  for (const name of names) {
    const shown: Shown | undefined = asked?.run.experiment === name
      ? { stored: asked }
      : await lockOrRun(experiments, name);
    if (!shown) continue;
    const experiment = await loadExperiment(experiments, name);
    runs.push(await reported(denoHost, experiment, shown.stored, shown.lock));
  }
  if (runs.length > 0) return runs;
  throw new DeclarationError(
    "nothing is locked and there is no run below runs/ yet; make one: deno task experiment NAME",
  );
}

/** What an experiment is shown by, unless a run of it is asked for. */
async function lockOrRun(experiments: string, experiment: string): Promise<Shown | undefined> {
  const found = await findLock(denoHost, experiments, experiment);
  if (found) return { stored: lockedRun(found.folder, found.lock), lock: found.lock };
  const folder = await newestRun(denoHost, "runs", experiment);
  return folder === undefined ? undefined : { stored: await readRun(denoHost, folder) };
}

if (import.meta.main) await runCommand(() => main(Deno.args));
