/** An experiment to be killed, with every kind of cell; its processes, and all that a run of it leaves. */
import assert from "node:assert/strict";
import { computation, supervised } from "../../core/experiment/arms/arm.ts";
import { readCheckpoint } from "../../core/experiment/cells/checkpoint_file.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { nearestNeighbour } from "../../core/experiment/arms/nearest_neighbour.ts";
import { newestRun, readRun } from "../../core/experiment/records/read_run.ts";
import { FILES, progressSchema, wasTrained } from "../../core/experiment/records/record.ts";
import { readPredictions } from "../../core/experiment/samples/samples.ts";
import { filesIn } from "../folders.ts";
import type { Order } from "./kill_child.ts";
import { DECLARATION, leftBehind, timeless } from "./tiny.ts";
import { DECLARATION as PAIRS } from "./tiny_pair.ts";
import type { Moment } from "./watched_disk.ts";

const { narrow, linear } = DECLARATION.arms;

/** `narrow` watches for a level, `wild` diverges. */
export const MORTAL = defineExperiment({
  ...DECLARATION,
  name: "mortal",
  arms: {
    sum: computation({ of: [1, 2, 3] }, (_lab, { of }) => ({ sum: of.reduce((a, b) => a + b) })),
    product: computation({ of: [2, 3] }, (_lab, { of }) => ({ product: of[0]! * of[1]! })),
    narrow: supervised({ ...narrow, level: { trainAccuracy: 0.7 } }),
    neighbour: nearestNeighbour({
      data: "mnist",
      metric: "l1",
      trainImages: 300,
      testImages: 250,
    }),
    linear,
    pair: PAIRS.arms.plain,
    wild: supervised({ ...linear, optimiser: { optimiser: "sgd", learningRate: 1e38 } }),
  },
  measures: {
    ...DECLARATION.measures,
    retained: {
      measure: "retention",
      changes: [-2, -1, 1, 2].map((right) => ({ change: "shift", right, down: 0 })),
      images: 25,
    },
  },
  presets: { ...DECLARATION.presets, quick: { seeds: 1, steps: 12 } },
});

/** How a process ended: the last thing that it said, and whether a kill met it at work. */
export interface Ended {
  readonly killed: boolean;
  /** Since it first said something. */
  readonly milliseconds: number;
  readonly last: string;
  readonly code: number;
  readonly stderr: string;
}

/** Starts a process, kills it when it has said a line that `when` is true of and `after` is done. */
export async function mortal(
  order: Order,
  kill?: { readonly when: (line: string) => boolean; readonly after: () => Promise<unknown> },
): Promise<Ended> {
  const child = new Deno.Command("deno", {
    args: [
      ...["run", "--no-prompt", "--allow-read", "--allow-write=.cache", "--allow-sys=cpus"],
      ...[`${import.meta.dirname}/kill_child.ts`, JSON.stringify(order)],
    ],
    // Deno starts nobody who is handed an LD_LIBRARY_PATH.
    env: { LD_LIBRARY_PATH: "", NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const strike = () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  };
  const stderr = new Response(child.stderr).text();
  let struck: Promise<unknown> | undefined;
  let last = "";
  let began: number | undefined;
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    began ??= performance.now();
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    last = lines.at(-1) ?? last;
    if (kill && lines.some(kill.when)) struck ??= kill.after().finally(strike);
  }
  const { code, signal } = await child.status;
  const milliseconds = performance.now() - (began ?? performance.now());
  await struck;
  return { killed: signal === "SIGKILL", milliseconds, last, code, stderr: await stderr };
}

/** The run to go on with; none where the first process was killed before it had recorded one. */
export function runOf(folder: string): Promise<string | undefined> {
  return newestRun(denoHost, `${folder}/runs`, MORTAL.name);
}

/** Waits to be told where it is, is killed there, and leaves nothing half written under its own name. */
export async function killAt(
  { moment, path, nth = 1 }: { moment: Moment; path: string; nth?: number },
  order: Order,
): Promise<void> {
  const resume = await runOf(order.folder);
  const { killed, last, stderr } = await mortal(
    { ...order, resume, until: { moment, path, nth } },
    {
      when: (line) => line === "held",
      after: () => Promise.resolve(),
    },
  );
  assert.ok(killed, `never came to "${moment}" of ${path}, ended after "${last}" ${stderr}`);
  await assertWhole(order.folder);
}

/** Runs to the end, from where the killed left it. */
export async function toTheEnd(order: Order): Promise<string> {
  const { code, stderr } = await mortal({ ...order, resume: await runOf(order.folder) });
  assert.equal(code, 0, stderr);
  return (await runOf(order.folder))!;
}

/** Everything that a run left behind, times left out. */
export async function allLeft(folder: string) {
  const { run, cells } = await readRun(denoHost, folder);
  const files = await filesIn(folder);
  const left: Record<string, unknown> = { files, run: { ...run, created: "" } };
  for (const cell of cells) {
    // A cell that diverged keeps the checkpoint of some step before.
    left[cell.id] = cell.status === "finished" && wasTrained(cell)
      ? await leftBehind(folder, cell.id)
      : timeless(cell);
  }
  for (const path of files.filter((path) => /metrics\.csv$|\/samples\//.test(path))) {
    left[path] = await Deno.readFile(`${folder}/${path}`);
  }
  return left;
}

/** Whatever stands under its own name in the run in `folder` is whole, however its writers ended. */
export async function assertWhole(folder: string): Promise<void> {
  const run = await runOf(folder);
  if (run === undefined) return;
  const { cells } = await readRun(denoHost, run);
  for (const { id } of cells) {
    const checkpoint = `${run}/${id}/${FILES.checkpoint}`;
    if (await denoHost.exists(checkpoint)) {
      const { metadata } = await readCheckpoint(denoHost, checkpoint);
      const { metricsBytes } = progressSchema.parse(JSON.parse(metadata["progress"]!));
      const bytes = await denoHost.files.size(`${run}/${id}/${FILES.metrics}`);
      assert.ok(bytes! >= metricsBytes, `${id}: ${bytes} of ${metricsBytes} bytes of metrics`);
    }
    await readPredictions(denoHost, `${run}/${id}`);
  }
}
