/** What to do after a run. */
import type { Experiment } from "../experiment/define.ts";
import type { RunResult } from "../experiment/run.ts";
import { quote, reproduceCommand } from "../experiment/run_command.ts";
import type { Locked } from "../reproduce/write_lock.ts";
import type { Options } from "./experiment_options.ts";

/** A command, and why. */
export type Next = readonly [command: string, why: string];

/** As the last rows of a table. */
export function nextRows([command, why]: Next): string[][] {
  return [["next", why], ["", command]];
}

/** What is best done after a run. */
export function nextCommand(
  { name, arms, claims }: Experiment,
  options: Options,
  { folder, complete, cells }: RunResult,
  locked: Locked | undefined,
): Next {
  const task = `deno task experiment ${name}`;
  const data = options.dataDir === undefined ? "" : ` --data-dir ${quote(options.dataDir)}`;
  const device = options.device === "auto" ? "" : ` --device ${options.device}`;
  if (!complete) {
    const lock = options.lock ? " --lock" : "";
    return [`${task} --resume ${quote(folder)}${data}${device}${lock}`, "go on with this run:"];
  }
  if (locked) {
    return [
      `${reproduceCommand(name, locked.preset)}${data}`,
      `commit ${locked.folder}; then anybody can check it:`,
    ];
  }
  const drawn = cells.find(({ standIn }) => standIn);
  if (drawn) {
    return [
      `deno task data ${drawn.config["data"]}`,
      "fetch the real data, then run it again (or name the folder that has them: --data-dir DIR, " +
      "SAMEBITS_DATA=DIR):",
    ];
  }
  const onData = Object.values(arms).some(({ kind }) => kind !== "computation");
  if (onData && (options.preset ?? "quick") === "quick" && options.resume === undefined) {
    const why = claims.length > 0 ? "run what the claims need:" : "run all of it, on real data:";
    return [`${task} --preset standard${data}${device}`, why];
  }
  if (claims.length === 0) return [`deno task report ${quote(folder)}`, "a page of this run:"];
  return [`deno task claims ${name}`, "all claims, with what the lectures say:"];
}
