/** Runs a command as a process, with the flags that its task in deno.json gives it. */
import assert from "node:assert/strict";
import { resolve } from "node:path";
import config from "../../deno.json" with { type: "json" };

const ROOT = resolve(import.meta.dirname!, "../..");

/** What a process left. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder to run in, with what the tests do there. */
export interface Place {
  readonly folder: string;
  /** Runs the task's own script, or another one with its flags; `data` is SAMEBITS_DATA. */
  run(task: Task, args: readonly string[], script?: string, data?: string): Promise<Ended>;
  /** The same in another folder. */
  in(folder: string): Place;
  /** Starts it and leaves it running. */
  start(task: Task, args: readonly string[], script?: string): Deno.ChildProcess;
}

/** The tasks that are commands of ours. */
export type Task =
  | "experiment"
  | "reproduce"
  | "diverge"
  | "data"
  | "claims"
  | "report"
  | "doctor";

/** The words of a task in deno.json: `deno`, flags, script. */
export function taskWords(task: Task): string[] {
  return config.tasks[task].split(" ");
}

/** A test in an empty folder of its own, below .cache since tests may write there. */
export function testInPlace(name: string, body: (place: Place) => Promise<void>): void {
  Deno.test(name, async () => {
    await Deno.mkdir(`${ROOT}/.cache`, { recursive: true });
    const folder = await Deno.makeTempDir({ dir: `${ROOT}/.cache`, prefix: "cli_test_" });
    try {
      await body(placeIn(folder));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

function placeIn(folder: string): Place {
  const command = (task: Task, args: readonly string[], script?: string, data = "") => {
    const [deno, ...flags] = taskWords(task);
    const own = flags.pop()!;
    assert.equal(deno, "deno");
    const path = script ? `${import.meta.dirname}/fixtures/${script}` : `${ROOT}/${own}`;
    // Mirrors on this machine are for the fixtures only.
    const mirrored = args[0]?.startsWith("--mirrors=");
    return new Deno.Command("deno", {
      args: [
        ...flags.map((flag) =>
          mirrored && flag.startsWith("--allow-net=") ? `${flag},127.0.0.1` : flag
        ),
        path,
        ...args,
      ],
      cwd: folder,
      // Deno starts nobody who is handed an LD_LIBRARY_PATH.
      env: { LD_LIBRARY_PATH: "", XDG_RUNTIME_DIR: "", SAMEBITS_DATA: data, NO_COLOR: "1" },
      stdout: "piped",
      stderr: "piped",
    });
  };
  return {
    folder,
    async run(task, args, script, data) {
      const { code, stdout, stderr } = await command(task, args, script, data).output();
      return { code, stdout: text(stdout), stderr: text(stderr) };
    },
    in: placeIn,
    start: (task, args, script) => command(task, args, script).spawn(),
  };
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
