/** `deno task data`: fetches the data sets that are missing and verifies those that are there. */
import type { DatasetName } from "../data/dataset.ts";
import { FORMATS } from "../data/formats.ts";
import { loadDataset } from "../data/load.ts";
import { known } from "../experiment/parse.ts";
import { denoHost } from "../experiment/host.ts";
import { dataDirectories, downloader } from "./data_sources.ts";
import { EXIT, EXIT_HELP, runCommand } from "./fail.ts";
import { parser } from "./parser.ts";
import { openScreen } from "./screen.ts";
import { table } from "./table.ts";

/** The command; `formats` are the data sets and where they are published. */
export async function main(args: readonly string[], formats = FORMATS): Promise<number> {
  const names = Object.keys(formats) as DatasetName[];
  const parsed = parser("data", "Fetches the data sets that are missing, and verifies all.")
    .argument("[name]", `${names.join(" or ")}; all, if left out`)
    .option("--data-dir <dir>", "verify those in this folder (else SAMEBITS_DATA, else .cache)")
    .usage("[name] [options]")
    .addHelpText(
      "after",
      "\nOnly .cache is written. A download that was stopped goes on where it was.\n\n" + EXIT_HELP,
    )
    .parse([...args], { from: "user" });
  const [name] = parsed.args;
  const { dataDir } = parsed.opts<{ readonly dataDir?: string }>();
  const screen = openScreen("stdout");
  for (const each of name === undefined ? names : [known("data set", name, names)]) {
    screen.live(`  looking for ${formats[each].title}`);
    const { description, folder, digest } = await loadDataset(each, {
      files: denoHost.files,
      directories: dataDirectories(dataDir),
      allowStandIn: false,
      download: downloader(screen, formats),
      formats,
    }).finally(() => screen.live(""));
    screen.print(
      `${each}: ${description}`,
      ...table([["folder", folder!], ["digest", digest]], screen.columns),
    );
  }
  return EXIT.done;
}

if (import.meta.main) await runCommand(() => main(Deno.args));
