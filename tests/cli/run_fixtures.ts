/** What the tests of `deno task experiment` share. */
import assert from "node:assert/strict";
import type { Ended, Place } from "./process.ts";

/** The script that runs the fixtures instead of this project's experiments. */
export const FIXTURES = "experiment.ts";
/** How a run that fell to cpu ends. */
export const ADAPTER = /WGSL checked on .+: same bits|no WebGPU adapter: WGSL not run/;

/** What `--json` prints. */
export interface Result {
  readonly run: string;
  readonly complete: boolean;
  readonly cells: readonly {
    readonly id: string;
    readonly status: string;
    readonly steps: number;
    readonly metrics: Readonly<Record<string, number>>;
    readonly digest: string;
  }[];
  readonly verdicts: Readonly<Record<string, string>>;
}

/** Runs a fixture and reads the line of JSON. */
export async function result(place: Place, ...args: string[]): Promise<Result> {
  const ended = await place.run("experiment", [...args, "--device", "cpu", "--json"], FIXTURES);
  assert.equal(ended.code, 0, ended.stderr);
  return JSON.parse(ended.stdout);
}

/** Of the cells, in order. */
export function ids({ cells }: Result): string {
  return cells.map(({ id }) => id).join(" ");
}

/** What is in a folder. */
export async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
}

/** One clear line on stderr, and nothing else. */
export function assertRefused(
  { code, stdout, stderr }: Ended,
  expected: number,
  words: string,
): void {
  assert.equal(code, expected, stderr);
  assert.match(stderr, /^error: [^\n]+\n$/);
  assert.ok(stderr.includes(words), stderr);
  assert.equal(stdout, "");
}
