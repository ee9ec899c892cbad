/** The options of `deno task experiment`. */
import { type Command, Option } from "commander";
import { type PresetName, PRESETS } from "../experiment/arms/presets.ts";
import { DEVICE_CHOICES, type DeviceChoice } from "../experiment/device_choice.ts";
import { EXIT_HELP } from "./fail.ts";
import {
  parseArms,
  parseFolder,
  parser,
  parseSeed,
  parseSeeds,
  parseSet,
  parseSteps,
} from "./parser.ts";

/** What the parser leaves. */
export interface Options {
  readonly preset?: PresetName;
  readonly seed?: readonly number[];
  readonly seeds?: readonly number[];
  readonly arms?: readonly string[];
  readonly claim?: string;
  readonly steps?: number;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly dataDir?: string;
  readonly device: DeviceChoice;
  readonly resume?: string;
  readonly lock?: boolean;
  readonly profile?: boolean;
  readonly json?: boolean;
  readonly list?: boolean;
}

const HELP = `
Examples:
  deno task experiment cnn                            the main arms in miniature
  deno task experiment cnn --preset standard          every claim, on real data, fetched if missing
  deno task experiment cnn --claim cnn-memory         only what this claim needs
  deno task experiment cnn --resume runs/cnn/...      go on with a run that was stopped
  deno task experiment cnn --preset standard --lock   run it and lock what came out
  deno task experiment cnn --resume RUN --lock        lock a run that is finished
  deno task experiment cnn --json | tail -1 | jq      the results as one line of JSON

${EXIT_HELP}`;

/** The parser; its `opts` are {@link Options}. */
export function experimentParser(): Command {
  return parser("experiment", "Runs an experiment and says which of its claims come out.")
    .argument("[name]", "the experiment")
    .option("--list", "list the experiments")
    .addOption(
      new Option("--preset <name>", "how much is run (default: quick)").choices(PRESETS)
        .conflicts("resume"),
    )
    .addOption(
      new Option("--seed <n>", "one seed").argParser(parseSeed).conflicts("seeds"),
    )
    .option("--seeds <n|a..b>", "that many seeds from 0, or seeds a to b", parseSeeds)
    .option("--arms <a,b>", "only these arms", parseArms)
    .option("--claim <id>", "only the cells that this claim needs")
    .option("--steps <n>", "training steps instead of the preset's", parseSteps)
    .option("--set <path=value>", "set a field of the arms, such as batch=32; repeatable", parseSet)
    .option("--data-dir <dir>", "folder of the data sets (else SAMEBITS_DATA, else .cache)")
    .addOption(
      new Option("--device <device>", "auto takes a GPU, else the processor")
        .choices(DEVICE_CHOICES).default("auto"),
    )
    .option(
      "--resume <dir>",
      "go on with the run in this folder; --seeds, --arms add cells to it",
      parseFolder,
    )
    .option("--lock", "lock the whole run for others to check, in experiments/<name>/locked")
    .option("--profile", "time every dispatch of one step of each arm")
    .option("--json", "end stdout with one line of JSON; all else goes to stderr")
    .usage("<name> [options]\n       deno task experiment --list")
    .addHelpText("after", HELP);
}
