/** The options of `deno task reproduce`. */
import { type Command, Option } from "commander";
import { type PresetName, PRESETS } from "../experiment/arms/presets.ts";
import { DEVICE_CHOICES, type DeviceChoice } from "../experiment/device_choice.ts";
import { EXIT_HELP } from "./fail.ts";
import {
  parseArms,
  parseFileIn,
  parseFolder,
  parseFreshSeeds,
  parser,
  parseSeeds,
  parseSteps,
} from "./parser.ts";

/** What the parser leaves. */
export interface Options {
  readonly preset?: PresetName;
  readonly arms?: readonly string[];
  readonly claim?: string;
  readonly seeds?: readonly number[];
  readonly steps?: number;
  readonly freshSeeds?: number;
  readonly device: DeviceChoice;
  readonly dataDir?: string;
  readonly resume?: string;
  readonly json?: boolean;
  readonly writeBatches?: string;
  readonly batches?: string;
}

/** Where the task may write. */
const FOLDERS = ["runs", ".cache"];

const HELP = `
The answer says how well and how much was reproduced. Tier A: the same bits ("A, whole": those
of every locked cell). Tier B: other bits, but metrics and verdicts as the locked seeds let expect.
Else failed, with the first step that differs.

Examples:
  deno task reproduce cnn --steps 200                      the first steps: some minutes
  deno task reproduce cnn --arms reference --seeds 1       one cell to its end
  deno task reproduce cnn                                  every locked cell
  deno task reproduce cnn --resume runs/reproduced/cnn/... go on, or only compare a finished run
  deno task reproduce cnn --fresh-seeds 5                  do the claims hold on other seeds?
  deno task reproduce cnn --write-batches .cache/cnn.safetensors
  deno task reproduce cnn --batches cnn.safetensors        where the data cannot go

${EXIT_HELP}`;

/** What may be locked. */
const LOCKED = PRESETS.filter((preset) => preset !== "quick");

/** The parser; its `opts` are {@link Options}. */
export function reproduceParser(): Command {
  return parser("reproduce", "Runs what was locked again and says how well it was reproduced.")
    .argument("<name>", "the experiment")
    .addOption(
      new Option("--preset <name>", "which lock (default: standard)").choices(LOCKED)
        .conflicts("resume"),
    )
    .option("--arms <a,b>", "only these arms", parseArms)
    .option("--claim <id>", "only the cells that this claim needs")
    .option("--seeds <n|a..b>", "only that many seeds from 0, or seeds a to b", parseSeeds)
    .addOption(
      new Option("--steps <n>", "only the first n steps of the main arm's first seed")
        .argParser(parseSteps).conflicts(["resume", "freshSeeds", "batches"]),
    )
    .addOption(
      new Option("--device <device>", "auto takes a GPU, else the processor")
        .choices(DEVICE_CHOICES).default("auto"),
    )
    .option("--data-dir <dir>", "folder of the data sets (else SAMEBITS_DATA, else .cache)")
    .option(
      "--resume <dir>",
      "go on with the run in this folder; --seeds, --arms add cells to it",
      parseFolder,
    )
    .option("--json", "end stdout with one line of JSON; all else goes to stderr")
    .addOption(
      new Option("--fresh-seeds <n>", "judge the claims on n seeds that are not locked")
        .argParser(parseFreshSeeds).conflicts(["seeds", "arms"]),
    )
    .addOption(
      new Option(
        "--write-batches <file>",
        `pack the batches of these steps (default: 100) into a file below ${
          FOLDERS.join("/ or ")
        }/`,
      ).argParser(parseFileIn(FOLDERS)).conflicts(["resume", "freshSeeds", "batches"]),
    )
    .addOption(
      new Option("--batches <file>", "train on the batches in this file, without the data")
        .conflicts(["resume", "freshSeeds", "dataDir"]),
    )
    .usage("<name> [options]")
    .addHelpText("after", HELP);
}
