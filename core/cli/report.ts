/** `deno task report`: one offline page for each experiment that has a run, and their index. */
import { DeclarationError, known } from "../experiment/define.ts";
import { denoHost } from "../experiment/host.ts";
import { newestRun, readRun, type StoredRun } from "../experiment/read_run.ts";
import { fileOf, indexPage } from "../../reports/index_page.ts";
import { reportPage } from "../../reports/report.ts";
import { type Reported, reported } from "../../reports/reported.ts";
import { experimentNames, EXPERIMENTS, loadExperiment } from "./catalogue.ts";
import { EXIT, EXIT_HELP, runCommand } from "./fail.ts";
import { parseFolder, parser } from "./parser.ts";
import { openScreen } from "./screen.ts";

const SITE = "site";

/** The command; `experiments` is the folder of the experiments. */
export async function main(args: readonly string[], experiments = EXPERIMENTS): Promise<number> {
  const parsed = parser("report", `Makes ${SITE}/: a page for each experiment that has a run.`)
    .argument("[run]", "a run's folder, taken instead of its experiment's newest", parseFolder)
    .usage("[run]")
    .addHelpText(
      "after",
      "\nPages are made from records alone: no device, no network, the same bytes each time.\n\n" +
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

/** The newest run of every experiment that has one, and the one in `folder` instead of its own. */
async function chosenRuns(experiments: string, folder: string | undefined): Promise<Reported[]> {
  const names = await experimentNames(experiments);
  const asked = folder === undefined ? undefined : await readRun(denoHost, folder);
  if (asked) known("experiment", asked.run.experiment, names);
  const runs: Reported[] = [];
  for (const name of names) {
    const stored = asked?.run.experiment === name ? asked : await newest(name);
    if (stored) {
      runs.push(await reported(denoHost, await loadExperiment(experiments, name), stored));
    }
  }
  if (runs.length > 0) return runs;
  throw new DeclarationError(
    "there is no run below runs/ yet; make one: deno task experiment NAME",
  );
}

async function newest(experiment: string): Promise<StoredRun | undefined> {
  const folder = await newestRun(denoHost, "runs", experiment);
  return folder === undefined ? undefined : await readRun(denoHost, folder);
}

if (import.meta.main) await runCommand(() => main(Deno.args));
