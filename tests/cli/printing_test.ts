import assert from "node:assert/strict";
import { armsTable } from "../../core/cli/arms_table.ts";
import { progressLine } from "../../core/cli/data_sources.ts";
import { nextCommand } from "../../core/cli/next_command.ts";
import { printResult } from "../../core/cli/result.ts";
import { runPrinter } from "../../core/cli/run_printer.ts";
import type { Screen } from "../../core/cli/screen.ts";
import { table } from "../../core/cli/table.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import { supervised } from "../../core/experiment/arms/arm.ts";
import { nearestNeighbour } from "../../core/experiment/arms/nearest_neighbour.ts";
import { timing } from "../../core/experiment/arms/timing.ts";
import type { Cell } from "../../core/experiment/plan.ts";
import type { ArmResult } from "../../core/experiment/claims/pool.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import type { PlanReport } from "../../core/experiment/reporter.ts";

Deno.test("table() aligns columns and wraps the last one", () => {
  assert.deepEqual(table([["a", "one two three four five six"], ["long", "x"]], 30), [
    "  a     one two three four",
    "        five six",
    "  long  x",
  ]);
});

const cells = ["reference", "dense"].map((arm): Cell => ({
  id: `${arm}-s0`,
  arm,
  seed: 0,
  tuning: false,
  point: {},
  config: { kind: "supervised" } as Cell["config"],
  digest: "",
  steps: 100,
}));

const plan: PlanReport = {
  experiment: "cnn",
  preset: "quick",
  folder: "runs/cnn/x",
  cells,
  finished: 0,
  steps: 200,
  device: { kind: "cpu", name: "a processor", class: "software", spelling: "plain" },
  deviceNote: "asked for",
  data: [],
  seconds: new Map([["reference-s0", 60], ["dense-s0", 30]]),
  diskBytes: 1e6,
};

const progress = {
  cell: cells[0]!,
  step: 50,
  epoch: 1.25,
  losses: { train: 1.5 },
  found: { evaluations: [{ step: 25, set: "test", accuracy: 0.5, loss: 1, count: 10 }] },
  imagesPerSecond: 1234,
  secondsLeft: 20,
};

/** An experiment without a net. */
const nearest = defineExperiment({
  ...{ name: "neighbours", title: "Neighbours", summary: "None.", claims: [] },
  arms: { neighbour: nearestNeighbour({ data: "cifar10", metric: "l1" }) },
  measures: { "test accuracy": { measure: "accuracy", set: "test" } },
  presets: { quick: { seeds: 1 }, standard: { seeds: 1 }, lecture: { seeds: 1 } },
});

/** What is printed, and what the live line was. */
function recorder(
  terminal: boolean,
  columns = 100,
): Screen & { readonly lines: string[]; readonly lives: string[] } {
  const lines: string[] = [];
  const lives: string[] = [];
  return {
    ...{ terminal, columns, lines, lives },
    print: (...more) => void lines.push(...more),
    live: (text) => void lives.push(text),
  };
}

Deno.test("a terminal shows cell, epoch, loss, accuracy, images/s and the time left for all", () => {
  const live = (columns: number) => {
    const screen = recorder(true, columns);
    const printer = runPrinter(screen, "CNN");
    printer.planned(plan);
    const printed = screen.lines.length;
    printer.cellStarted(cells[0]!, 0, 0);
    printer.progress(progress);
    printer.evaluated(cells[0]!, { step: 50, set: "test", accuracy: 0.5, loss: 1, count: 10 });
    assert.equal(screen.lines.length, printed, "no lines beside the live one");
    return screen.lives.at(-1);
  };
  const [name, numbers] = ["  reference-s0  1/2  ", "epoch 1.3  loss 1.500  accuracy 50.0 %  "];
  assert.equal(live(100), `${name}step 50/100  ${numbers}1,234 images/s  50 s left`);
  assert.equal(live(90), `${name}${numbers}1,234 images/s  50 s left`);
  assert.equal(live(80), `${name}${numbers}50 s left`);
});

Deno.test("of a pair a terminal shows both losses and the last Frechet distance", () => {
  const screen = recorder(true);
  const printer = runPrinter(screen, "DCGAN");
  printer.planned(plan);
  printer.cellStarted(cells[0]!, 0, 0);
  const yardstick = { rank: 3, covered: 1, entropy: 0, confidence: 1, shares: [1] };
  const look = {
    step: 50,
    discriminator: { accuracy: 0.75, real: 0.5, loss: 0.6 },
    yardstick: { frechetDistance: 123.456, ...yardstick },
  };
  const losses = { discriminator: 0.5, generator: 2 };
  printer.progress({ ...progress, losses, found: { evaluations: [], looks: [look] } });
  assert.equal(
    screen.lives.at(-1),
    "  reference-s0  1/2  epoch 1.3  discriminator 0.500  generator 2.000  " +
      "Frechet distance 123.5  50 s left",
  );
  const pipe = recorder(false);
  const plain = runPrinter(pipe, "DCGAN");
  plain.planned(plan);
  plain.looked(cells[0]!, look);
  assert.equal(
    pipe.lines.at(-1),
    "  reference-s0  step 50  Frechet distance 123.5, 1 class, discriminator right on 75.0 %",
  );
});

Deno.test("a pipe gets evaluations at once and other progress now and then", () => {
  const screen = recorder(false);
  const printer = runPrinter(screen, "CNN");
  printer.planned(plan);
  const printed = screen.lines.length;
  printer.cellStarted(cells[0]!, 0, 25);
  printer.progress(progress);
  printer.evaluated(cells[0]!, { step: 50, set: "test", accuracy: 0.5, loss: null, count: 10 });
  assert.deepEqual(screen.lines.slice(printed), [
    "  reference-s0  goes on from step 25",
    "  reference-s0  step 50  test accuracy 50.0 %, loss -",
  ]);
});

Deno.test("a terminal shows how far a download is, how fast, and the mirror", () => {
  const screen = recorder(true);
  let time = 0;
  const show = progressLine(screen, () => time);
  const at = (milliseconds: number, bytes: number, host = "a.org") => {
    time = milliseconds;
    show({ archive: "x.gz", host, bytes, of: 9_900_000 });
    return screen.lives.splice(0);
  };
  assert.deepEqual(at(0, 2_400_000), ["  x.gz  2.4 MB of 9.9 MB  a.org"]);
  assert.deepEqual(at(50, 2_500_000), [], "not faster than anybody reads");
  const line = "  x.gz  4.9 MB of 9.9 MB  2.5 MB/s  2 s left  a.org";
  assert.deepEqual(at(1000, 4_900_000), [line]);
  assert.deepEqual(at(1010, 5_000_000, "b.org"), ["  x.gz  5.0 MB of 9.9 MB  b.org"]);
  assert.deepEqual(at(1020, 0, "b.org"), ["  x.gz  0 kB of 9.9 MB  b.org"], "it starts again");
  assert.deepEqual(at(1030, 9_900_000, "b.org"), ["  x.gz  unpacking and verifying"]);
});

const neighbours: Cell = {
  ...cells[0]!,
  id: "neighbour-s0-images=0_999",
  config: { kind: "nearestNeighbour" } as Cell["config"],
  steps: 0,
};

Deno.test("a net that ended at its level is said to have trained so many steps", () => {
  const screen = recorder(false);
  const printer = runPrinter(screen, "Levels");
  printer.planned(plan);
  const progress = { step: 936, evaluations: [], seconds: 30 };
  const record = { status: "finished", steps: 4_680, progress, measures: {} };
  printer.cellEnded(cells[0]!, record as unknown as CellRecord);
  assert.match(screen.lines.at(-1)!, / 936 steps in 30 s$/);
});

Deno.test("a terminal shows which reading of a finished net is taken", () => {
  const screen = recorder(true);
  const printer = runPrinter(screen, "Readings");
  printer.planned(plan);
  printer.reading(cells[0]!, 3, 25);
  assert.match(screen.lives.at(-1)!, / reading 3 of 25$/);
});

Deno.test("nearest neighbours show how many images were compared, and end with the count", () => {
  const compared = {
    ...{ cell: neighbours, images: 300, of: 1_000, correct: 117 },
    ...{ imagesPerSecond: 1234, secondsLeft: 5 },
  };
  const start = "  neighbour-s0-images=0_999  1/2  ";
  for (
    const [columns, expected] of [
      [100, "300 of 1,000 images  39.0 % correct  1,234 images/s  35 s left"],
      [90, "300 of 1,000 images  39.0 % correct  35 s left"],
    ] as const
  ) {
    const screen = recorder(true, columns);
    const printer = runPrinter(screen, "Neighbours");
    printer.planned({ ...plan, cells: [neighbours, cells[1]!] });
    printer.cellStarted(neighbours, 0, 0);
    printer.compared(compared);
    assert.equal(screen.lives.at(-1), start + expected);
  }
  const screen = recorder(false);
  const printer = runPrinter(screen, "Neighbours");
  printer.planned({ ...plan, cells: [neighbours] });
  const progress = { seconds: 8 } as CellRecord["progress"];
  const record = { status: "finished", measures: { correct: 386, images: 1_000 }, progress };
  printer.cellEnded(neighbours, record as unknown as CellRecord);
  printer.cellEnded(neighbours, { ...record, status: "running" } as unknown as CellRecord);
  assert.deepEqual(screen.lines.slice(-2), [
    "  neighbour-s0-images=0_999  386 of 1,000 images correct in 8 s",
    "  neighbour-s0-images=0_999  stopped; it will start anew",
  ]);
});

Deno.test("a timing shows its round, and ends with how the arms compare", () => {
  const arms = ["plain", "slow", "slower"];
  const cell: Cell = {
    ...cells[0]!,
    ...{ id: "times-s0", arm: "times", steps: 0 },
    config: { kind: "timing", rounds: 30, timed: arms.map((arm) => ({ arm })) } as Cell["config"],
  };
  const screen = recorder(true);
  const printer = runPrinter(screen, "Timings");
  printer.planned({ ...plan, cells: [cell, { ...cell, id: "times-s1", seed: 1 }] });
  assert.ok(screen.lines.some((line) => /^ {2}cells +2: times with seeds 0 to 1$/.test(line)));
  printer.cellStarted(cell, 0, 0);
  printer.timed({ cell, round: 12, of: 30, secondsLeft: 5 });
  assert.equal(screen.lives.at(-1), "  times-s0  1/2  round 12 of 30  5 s left");
  const measures = { "step of slow over plain": 1.25678, "step of slower over plain": 2 };
  const progress = { seconds: 8 } as CellRecord["progress"];
  const record = { status: "finished", measures, progress };
  printer.cellEnded(cell, record as unknown as CellRecord);
  printer.cellEnded(cell, { ...record, status: "running" } as unknown as CellRecord);
  assert.deepEqual(screen.lines.slice(-2), [
    "  times-s0  30 rounds in 8 s; step of slow over plain 1.257, step of slower over plain 2",
    "  times-s0  stopped; it will start anew",
  ]);
});

Deno.test("a transfer ends with what was shown to how many, or with the net that diverged", () => {
  const config = { kind: "transfer", sources: [1, 2], targets: [1, 2, 3], images: 1_000 };
  const cell: Cell = {
    ...cells[0]!,
    ...{ id: "shown-s0", arm: "shown", steps: 0, config: config as unknown as Cell["config"] },
  };
  const screen = recorder(false);
  const printer = runPrinter(screen, "Transfers");
  printer.planned({ ...plan, cells: [cell] });
  const end = (fields: object) => {
    const record = { status: "finished", measures: {}, progress: { seconds: 40 }, ...fields };
    printer.cellEnded(cell, record as unknown as CellRecord);
    return screen.lines.at(-1);
  };
  assert.equal(end({}), "  shown-s0  1,000 images of 2 sources shown to 3 targets in 40 s");
  assert.match(end({ status: "running" })!, /stopped; it will go on with the nets that it has$/);
  const reason = "cnn-s1: the loss at step 2 is not finite; lower the learning rate";
  assert.ok(end({ status: "diverged", reason })!.endsWith(`diverged: ${reason}`));
});

Deno.test("armsTable() sums up the times of an arm over its seeds", () => {
  const times = defineExperiment({
    ...nearest,
    arms: {
      ...Object.fromEntries(["plain", "slow"].map((arm) => [
        arm,
        supervised({
          data: "mnist",
          net: [{ layer: "flatten" }, { layer: "dense", units: 10 }],
          optimiser: { optimiser: "sgd", learningRate: 0.1 },
          trainImages: 64,
        }),
      ])),
      times: timing({ arms: ["plain", "slow"], rounds: 3 }),
    },
  });
  const results = [1, 2, 3].map((ratio, seed) => ({
    ...{ arm: "times", seed, status: "finished", tuning: false, point: {} },
    measures: { "ms a step of plain": 4.5, "step of slow over plain": ratio },
  }));
  assert.deepEqual(armsTable(times, results as unknown as ArmResult[], 80), [
    "",
    "Results",
    "  times  ms a step of plain       4.5, n = 3",
    "         step of slow over plain  2 [-0.4841, 4.484], n = 3",
  ]);
});

Deno.test("armsTable() states the result of nearest neighbours to the image", () => {
  const measures = { "test accuracy": 0.4, correct: 1_200, images: 3_000 };
  const result = { arm: "neighbour", status: "finished", tuning: false, point: {}, measures };
  assert.deepEqual(armsTable(nearest, [result as unknown as ArmResult], 80), [
    "",
    "Results",
    "  neighbour  test accuracy  40.0 %",
    "             correct        1,200",
    "             images         3,000",
  ]);
});

/** A complete run, of which the WGSL kernels gave other bits. */
const ended = {
  folder: "runs/cnn/x",
  cells: [],
  judgements: [],
  complete: true,
  wgsl: { same: false, text: "WGSL CHECKED ON an adapter: OTHER BITS" },
};
const options = { device: "auto", preset: "standard", lock: true } as const;

Deno.test("a run that was to be locked says so in what is next, until it is", () => {
  const stopped = { ...ended, complete: false };
  assert.equal(
    nextCommand(nearest, options, stopped, undefined)[0],
    "deno task experiment neighbours --resume runs/cnn/x --lock",
  );
  const locked = {
    folder: "experiments/cnn/locked/lecture",
    preset: "lecture",
    commit: "ab".repeat(20),
    cells: 3,
    files: ["lock.json"],
    bytes: 1000,
  } as const;
  assert.deepEqual(nextCommand(nearest, { ...options, dataDir: "d" }, ended, locked), [
    "deno task reproduce neighbours --preset lecture --data-dir d",
    "commit experiments/cnn/locked/lecture; then anybody can check it:",
  ]);
});

Deno.test("after a run of an experiment without claims there is a page to look at", () => {
  const finished = { ...options, lock: false };
  assert.deepEqual(nextCommand(nearest, finished, ended, undefined), [
    "deno task report runs/cnn/x",
    "a page of this run:",
  ]);
  const quick = { ...finished, preset: "quick" } as const;
  assert.deepEqual(nextCommand(nearest, quick, ended, undefined), [
    "deno task experiment neighbours --preset standard",
    "run all of it, on real data:",
  ]);
});

Deno.test("a run with other bits from the WGSL kernels says why it is not locked", () => {
  const screen = recorder(false);
  printResult(screen, nearest, options, ended, undefined);
  assert.ok(
    screen.lines.includes("lock   nothing is locked, since the WGSL kernels give other bits"),
    screen.lines.join("\n"),
  );
});
