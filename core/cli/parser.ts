/** The parser that every command starts from, and the forms of its arguments. */
import { resolve, sep } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { oneLine } from "./fail.ts";

/** A seed is a 32-bit number. */
const LARGEST_SEED = 2 ** 32 - 1;
/** The most seeds that one call may ask for. */
const MOST_SEEDS = 1000;

/** A parser that throws instead of ending the process, and keeps an error on one line. */
export function parser(task: string, description: string): Command {
  return new Command(`deno task ${task}`)
    .description(description)
    .helpOption("-h, --help", "show this help")
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      // Commander would ask the environment, which the tasks do not let it read.
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      getOutHelpWidth: () => columns(Deno.stdout),
      getErrHelpWidth: () => columns(Deno.stderr),
      // These do not mind a reader that has gone (`| head`).
      writeOut: (text) => console.log(text.trimEnd()),
      writeErr: (text) => console.error(text.trimEnd()),
      outputError: (text, write) => write(`${oneLine(text).replace("; (Did", " (did")}\n`),
    });
}

function columns(stream: { isTerminal(): boolean }): number {
  return stream.isTerminal() ? Math.max(60, Deno.consoleSize().columns) : 100;
}

/** `--seed N`. */
export function parseSeed(text: string): number[] {
  return [whole(text, 0, LARGEST_SEED)];
}

/** `--seeds N` (0 to N - 1) or `--seeds A..B` (both included). */
export function parseSeeds(text: string): number[] {
  const [first, last, ...rest] = text.split("..");
  if (rest.length > 0) throw new InvalidArgumentError("Give 5, or 5..9.");
  const from = last === undefined ? 0 : whole(first!, 0, LARGEST_SEED);
  const to = last === undefined ? whole(first!, 1) - 1 : whole(last, 0, LARGEST_SEED);
  if (to < from) throw new InvalidArgumentError("The first seed is larger than the last.");
  if (to - from >= MOST_SEEDS) {
    throw new InvalidArgumentError(`At most ${MOST_SEEDS} seeds at a time.`);
  }
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** `--steps N`. */
export function parseSteps(text: string): number {
  return whole(text, 1);
}

/** `--fresh-seeds N`. */
export function parseFreshSeeds(text: string): number {
  return whole(text, 1, MOST_SEEDS);
}

/** `--arms a,b`. */
export function parseArms(text: string): string[] {
  const arms = text.split(",").map((arm) => arm.trim()).filter((arm) => arm !== "");
  if (arms.length === 0) throw new InvalidArgumentError("Give names of arms: a,b.");
  return arms;
}

/** `--set path=value`, as often as wanted; the value is JSON, or else a string. */
export function parseSet(
  text: string,
  before: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Give a path and a value: batch=32.");
  return { ...before, [text.slice(0, at)]: jsonOrText(text.slice(at + 1)) };
}

/** A folder, however many slashes it ends in. */
export function parseFolder(text: string): string {
  return text.replace(/(?<=.)\/+$/, "");
}

/** A file to write, in one of the folders that its task may write in. */
export function parseFileIn(folders: readonly string[]): (text: string) => string {
  return (text) => {
    if (!folders.some((folder) => resolve(text).startsWith(resolve(folder) + sep))) {
      throw new InvalidArgumentError(
        `Give a file below ${
          folders.map((folder) => `${folder}/`).join(" or ")
        }, where this task ` +
          "may write.",
      );
    }
    return text;
  };
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function whole(text: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    const to = most === Number.MAX_SAFE_INTEGER ? "" : ` to ${most}`;
    throw new InvalidArgumentError(`Give a whole number from ${least}${to}.`);
  }
  return value;
}
