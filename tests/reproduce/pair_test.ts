/** A pair of nets is reproduced and compared as a single net is, and its looks too. */
import assert from "node:assert/strict";
import { openCpu } from "../../core/device/cpu.ts";
import { denoHost } from "../../core/experiment/host.ts";
import type { Host } from "../../core/experiment/host_interface.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import { runExperiment, type RunOptions } from "../../core/experiment/run.ts";
import { divergeRecords } from "../../core/reproduce/diverge_records.ts";
import { locate, type TrainedCell } from "../../core/reproduce/locate.ts";
import { readCell } from "../../core/reproduce/recorded_cell.ts";
import { reproduce } from "../../core/reproduce/reproduce.ts";
import { packBatches, reproduceBatches, reproduceSteps } from "../../core/reproduce/steps.ts";
import { after, machine, planted } from "../diverge/planted.ts";
import { testInFolder, Watch } from "../experiment/tiny.ts";
import { lockYardstick, tinyPairs } from "../experiment/tiny_pair.ts";
import { lockAs, otherDigestAt } from "./lock_as.ts";
import { optionsIn, PUBLISHED, SOURCES } from "./long_run.ts";

async function run(
  folder: string,
  { host = denoHost, ...options }: Partial<RunOptions> & { host?: Host } = {},
) {
  const watch = new Watch();
  return await runExperiment(host, tinyPairs, {
    ...optionsIn(folder, watch),
    ...{ profile: false, experiments: await lockYardstick(folder), ...options },
  }, watch);
}

let made: Promise<readonly CellRecord[]> | undefined;

async function make(): Promise<readonly CellRecord[]> {
  const folder = await Deno.makeTempDir({ dir: ".cache", prefix: "pair_test_" });
  try {
    return (await run(folder)).cells;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Locks a run of all arms, changed, with the yardstick beside it. */
async function locked(folder: string, change: (cells: CellRecord[]) => void = () => {}) {
  const cells = structuredClone([...await (made ??= make())]);
  change(cells);
  await lockYardstick(folder);
  return { host: denoHost, experiment: tinyPairs, experiments: await lockAs(folder, cells) };
}

const OPTIONS = { ...SOURCES, preset: "standard", device: "cpu" } as const;
const NOBODY = { found() {}, chosen() {}, stepped() {} };

testInFolder(
  "the first steps of a pair are tier A, or name the step that differs",
  async (folder) => {
    const same = await reproduceSteps(await locked(folder), OPTIONS, 100, NOBODY);
    assert.equal(same.answer.text, "A: first 100 of 104 steps, 1 of 3 cells");
    assert.equal(same.comparison.id, "judged-s0");
    const other = await locked(folder, ([cell]) => otherDigestAt(cell!, 100));
    const { answer } = await reproduceSteps(other, OPTIONS, 104, NOBODY);
    assert.equal(answer.tier, "failed");
    assert.equal(answer.reasons[0], "judged-s0: other weights at step 100; the same at step 0");
  },
);

testInFolder("batches of a pair are trained on where the data are not", async (folder) => {
  const source = await locked(folder);
  const file = `${folder}/batches.safetensors`;
  const { cell, steps } = await packBatches(source, OPTIONS, file, 9999);
  assert.deepEqual([cell, steps], ["judged-s0", 104]);
  const nowhere = { preset: "standard", device: "cpu", dataDirectories: [] } as const;
  const { answer } = await reproduceBatches(source, nowhere, file, NOBODY);
  assert.equal(answer.text, "A for these batches: 104 of 104 steps, 1 of 3 cells");
});

function reproduced(folder: string, source: Awaited<ReturnType<typeof locked>>, arms?: string[]) {
  const watch = new Watch();
  return reproduce(source, { ...optionsIn(folder, watch), arms }, {
    run: watch,
    found() {},
    compared() {},
  });
}

testInFolder(
  "whole cells of pairs are tier A, by the yardstick beside their lock",
  async (folder) => {
    const { answer, cells } = await reproduced(folder, await locked(folder));
    assert.deepEqual(answer, {
      tier: "A",
      whole: true,
      text: "A, whole: 104 of 104 steps, 3 of 3 cells",
      reasons: [],
    });
    assert.deepEqual(cells.map(({ id }) => id), ["judged-s0", "plain-s0", "net-s0"]);
  },
);

testInFolder("a look that differs is named by its step", async (folder) => {
  const source = await locked(folder, ([judged, plain]) => {
    judged!.progress.looks![0]!.yardstick!.frechetDistance! += 1e-9;
    plain!.progress.looks![1]!.discriminator.real = 1;
    // One that was not taken then decides nothing.
    plain!.progress.looks!.shift();
  });
  const { answer, cells } = await reproduced(folder, source, ["judged", "plain"]);
  assert.deepEqual(cells.map(({ bits, others }) => [bits, others]), [
    ["other", ["the look at step 52"]],
    ["other", ["the look at step 104"]],
  ]);
  assert.notEqual(answer?.tier, "A");
  assert.match(
    answer!.reasons.join("\n"),
    /judged-s0: same weights, but other results: the look at step 52/,
  );
});

testInFolder("a faulty adapter's pair is replayed to the step, op and tensor", async (folder) => {
  // The generator's Adam, the one with the longer buffers, is wrong by a bit from step 11 on.
  const late = after("adam", ([parameters, , , , scalars]) => {
    if (parameters!.length > 10_000 && scalars![5]! < 10) parameters![3]! *= 1.0000001;
  });
  const host = machine(late);
  const asked = { preset: "quick", arms: ["plain"], steps: 12 } as const;
  const sound = await run(folder, asked);
  const faulty = await run(folder, { ...asked, host, device: "webgpu" });
  const [a, b] = await Promise.all(
    [faulty, sound].map(({ folder }) => readCell(denoHost, `${folder}/plain-s0`)),
  );
  const { result, chain } = await divergeRecords(host, a!, b!, {
    dataDirectories: [],
    told() {},
  });
  assert.deepEqual(chain, { points: 1, same: 0, differs: 12 });
  assert.ok(result.outcome === "found" && result.op, JSON.stringify(result));
  assert.equal(result.step, 11);
  assert.deepEqual([result.op.label, result.op.agrees], ["adam/adam", "B"]);
  const tensors = result.op.tensors.map(({ name, differing }) => [name, differing]);
  assert.deepEqual(tensors, [["generator/dense1/weights", 1]]);
});

const cell: TrainedCell = {
  arm: tinyPairs.arms["judged"] as TrainedCell["arm"],
  seed: 0,
  data: PUBLISHED,
};

for (
  const { what, kernel, nth, label, tensor } of [
    {
      what: "the discriminator's update",
      kernel: "adam",
      nth: 1,
      label: "adam/adam",
      tensor: "discriminator/dense1/weights",
    },
    {
      what: "the generator's update",
      kernel: "adam",
      nth: 2,
      label: "adam/adam",
      tensor: "generator/dense1/weights",
    },
  ]
) {
  Deno.test(`a fault in ${what} is found in its step, by op and tensor`, async () => {
    // Both nets go through the same kernel in turn: the n-th run of every two is at fault.
    let runs = 0;
    const fault = after(kernel, ([parameters]) => {
      if (runs++ % 2 === nth - 1) parameters![0]! += 1;
    });
    const [device, references] = [
      openCpu("a", { threads: 1 }),
      openCpu("b", { referencesOnly: true }),
    ];
    const found = await locate(
      cell,
      [planted(device, fault), device],
      references,
      { from: 0, to: 3 },
      () => {},
    );
    assert.equal(found?.step, 1);
    const { tensors, agrees } = found.op!;
    assert.deepEqual([found.op!.label, agrees], [label, "B"]);
    assert.deepEqual(tensors.map(({ name, differing }) => [name, differing]), [[tensor, 1]]);
    assert.ok(found.after.some(({ name }) => name === tensor));
    device.close();
    references.close();
  });
}
