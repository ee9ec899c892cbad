import assert from "node:assert/strict";
import { mnistStandIn } from "../../../core/data/stand_in_mnist.ts";
import { openCpu } from "../../../core/device/cpu.ts";
import { type Device, DeviceError } from "../../../core/device/device.ts";
import { computation } from "../../../core/experiment/arms/arm.ts";
import type { TimingCell } from "../../../core/experiment/arms/seeded.ts";
import { timing } from "../../../core/experiment/arms/timing.ts";
import { runTimingCell } from "../../../core/experiment/cells/timing_cell.ts";
import { type Claim, describePart } from "../../../core/experiment/claims/claim.ts";
import { judgeRecords } from "../../../core/experiment/claims/judge_records.ts";
import { measuredTexts } from "../../../core/experiment/claims/part_text.ts";
import { pool } from "../../../core/experiment/claims/pool.ts";
import { defineExperiment, type Experiment } from "../../../core/experiment/define.ts";
import { denoHost } from "../../../core/experiment/host.ts";
import { type Cell, planCells, type PlanOptions } from "../../../core/experiment/plan.ts";
import { summarizeArms } from "../../../core/experiment/records/arm_summaries.ts";
import { cellRecordSchema, readRecord } from "../../../core/experiment/records/record.ts";
import { DECLARATION, runTiny, testInFolder, timeless, Watch } from "../tiny.ts";

const { narrow, linear } = DECLARATION.arms;

/** About a hundred times the work of a narrow one. */
const wide = {
  ...narrow,
  net: [
    { layer: "flatten" as const },
    { layer: "dense" as const, units: 800 },
    { layer: "relu" as const },
    { layer: "dense" as const, units: 10 },
  ],
};

const CLAIM: Claim = {
  id: "tiny-slower",
  lecture: "none",
  paraphrase: "A step of a wide net takes longer.",
  parts: [{
    part: "time",
    measure: "step of wide over linear",
    compare: "above",
    value: 1,
    pairing: { arm: "times" },
    minSeeds: 1,
  }],
  needsTraining: false,
};

const TIMED = {
  ...DECLARATION,
  arms: { linear, wide, times: timing({ arms: ["linear", "wide"], rounds: 5 }) },
  claims: [CLAIM],
} satisfies Parameters<typeof defineExperiment>[0];

const experiment = defineExperiment(TIMED);

function plan(options: Partial<PlanOptions> = {}, of: Experiment = experiment) {
  return planCells(of, { preset: "quick", arms: ["times"], ...options });
}

Deno.test("a timing has a cell for each seed, with the timed arms as they are planned", async () => {
  const cells = await plan({ seeds: [0, 4] });
  assert.deepEqual(cells.map(({ id, steps }) => [id, steps]), [["times-s0", 0], ["times-s4", 0]]);
  const [ofLinear, ofWide] = await plan({ arms: ["linear", "wide"], seeds: [0] });
  assert.deepEqual(cells[0]!.config, {
    kind: "timing",
    rounds: 5,
    data: "mnist",
    timed: [
      { arm: "linear", config: ofLinear!.config },
      { arm: "wide", config: ofWide!.config },
    ],
  });
});

Deno.test("a timing's digest covers what was timed, and nothing else", async () => {
  const digest = async (options: Partial<PlanOptions> = {}, of?: Experiment) =>
    (await plan({ seeds: [0], ...options }, of))[0]!.digest;
  const first = await digest();
  for (const set of [{ rounds: 6 }, { batch: 8 }, { "net.1.units": 12 }]) {
    assert.notEqual(await digest({ set }), first, JSON.stringify(set));
  }
  assert.notEqual(await digest({ seeds: [1] }), first);
  const withArms = (arms: object) =>
    defineExperiment({ ...TIMED, claims: [], arms: { ...TIMED.arms, ...arms } as never });
  const defaults = { evaluations: "every epoch", displacements: false };
  assert.equal(await digest({}, withArms({ linear: { ...linear, ...defaults } })), first);
  assert.equal(await digest({}, withArms({ other: narrow })), first);
  const turned = timing({ arms: ["wide", "linear"], rounds: 5 });
  assert.notEqual(await digest({}, withArms({ times: turned })), first);
  await assert.rejects(plan({ set: { round: 6 } }), {
    name: "DeclarationError",
    message: /there is no field "round"; did you mean "rounds"/,
  });
  await assert.rejects(plan({ set: { rounds: 0 } }), /arm "times": rounds: /);
});

Deno.test("a timing of what cannot be timed is refused by name", () => {
  const refused = (arms: string[], message: RegExp, others: object = {}) =>
    assert.throws(
      () =>
        defineExperiment({
          ...TIMED,
          claims: [],
          arms: { ...TIMED.arms, ...others, times: timing({ arms, rounds: 5 }) },
        }),
      { name: "DeclarationError", message },
    );
  refused(["linear"], /arms\.times\.arms: .*at least two arms/);
  refused(["linear", "wide", "linear"], /arms\.times\.arms: a timing names an arm twice/);
  refused(["linear", "wid"], /arm "times": there is no arm "wid"; did you mean "wide"\?/);
  refused(
    ["linear", "times"],
    /arm "times": arm "times" is of the kind timing, and .*: linear, wide/,
  );
  const nine = computation({ a: 3 }, (_, { a }) => ({ square: a * a }));
  refused(["linear", "nine"], /arm "nine" is of the kind computation, .* linear, wide$/, { nine });
  const coloured = { ...linear, data: "cifar10" as const };
  refused(
    ["linear", "coloured"],
    /"linear" learns from mnist and "coloured" from cifar10; time arms on one data set/,
    { coloured },
  );
  assert.throws(
    () => {
      const sweeps = { long: { arms: ["times"], over: { rounds: [1, 2] } } };
      defineExperiment({ ...TIMED, sweeps });
    },
    /sweep "long": arm "times" is a timing, which has no fields to sweep/,
  );
});

Deno.test("a claim on a measure that a timing has not is refused", () => {
  const [part] = CLAIM.parts;
  const measure = "step of linear over wide";
  assert.throws(
    () => defineExperiment({ ...TIMED, claims: [{ ...CLAIM, parts: [{ ...part!, measure }] }] }),
    /there is no measure "step of linear over wide".*There are: ms a step of linear, ms a step of wide, step of wide over linear/,
  );
});

/** A cpu device whose steps take the times that are given; it writes down what is done on it. */
function clockwork(times: readonly number[], done: string[]): Device {
  const device = openCpu("Clockwork", { threads: 1 });
  let next = 0;
  let loaded = 0;
  return {
    ...device,
    async load(programs) {
      const memory = await device.load(programs);
      const name = ["linear", "wide", "narrow"][loaded++]!;
      return {
        ...memory,
        close() {
          memory.close();
          done.push(`${name} closed`);
        },
        async profile(program) {
          await memory.profile(program);
          done.push(name);
          const milliseconds = times[next++]!;
          // The dispatches of one step.
          return [0.25, 0.75].map((share) => (
            { label: "", kernel: "", milliseconds: share * milliseconds }
          ));
        },
      };
    },
  };
}

async function timedCell(of: Experiment, rounds: number) {
  const [cell] = await plan({ seeds: [0], set: { rounds } }, of);
  return cell as Cell & { readonly config: TimingCell };
}

Deno.test("arms take their steps in turns, there and back, and the dispatches are added up", async () => {
  const done: string[] = [];
  const of = defineExperiment({
    ...TIMED,
    arms: {
      ...TIMED.arms,
      narrow,
      times: timing({ arms: ["linear", "wide", "narrow"], rounds: 1 }),
    },
  });
  const device = clockwork([1, 2.000049, 3, 4, 5, 6, 7, 8, 9], done);
  const watch = new Watch();
  const { status, measures, progress } = await runTimingCell(
    { device, reporter: watch, stop: watch.stop },
    await timedCell(of, 3),
    await mnistStandIn(),
  );
  const there = ["linear", "wide", "narrow"];
  assert.deepEqual(done.slice(0, 9), [...there, ...there.toReversed(), ...there]);
  assert.equal(status, "finished");
  assert.deepEqual(progress.timings, { linear: [1, 6, 7], wide: [2, 5, 8], narrow: [3, 4, 9] });
  assert.deepEqual(measures, {
    "ms a step of linear": 6,
    "ms a step of wide": 5,
    "ms a step of narrow": 4,
    "step of wide over linear": 8 / 7,
    "step of narrow over linear": 9 / 7,
  });
});

Deno.test("a timing that is stopped between two rounds has no measure, and frees its nets", async () => {
  const done: string[] = [];
  const device = clockwork([1, 2, 3, 4], done);
  const watch = new Watch(2);
  const outcome = await runTimingCell(
    { device, reporter: watch, stop: watch.stop },
    await timedCell(experiment, 5),
    await mnistStandIn(),
  );
  assert.deepEqual(done, ["linear", "wide", "wide", "linear", "wide closed", "linear closed"]);
  assert.equal(outcome.status, "running");
  assert.deepEqual(outcome.measures, {});
  assert.equal(outcome.progress.timings, undefined);
});

testInFolder("a run takes the times, judges them and names the machine", async (folder) => {
  const watch = new Watch();
  const { cells, judgements, complete, folder: at } = await runTiny(folder, {
    experiment,
    arms: ["times"],
    watch,
  });
  assert.ok(complete);
  assert.deepEqual(cells.map(({ id, status }) => [id, status]), [
    ["times-s0", "finished"],
    ["times-s1", "finished"],
  ]);
  for (const cell of cells) {
    assert.deepEqual(
      await readRecord(denoHost, `${at}/${cell.id}/cell.json`, cellRecordSchema),
      cell,
    );
    const { linear, wide } = cell.progress.timings!;
    assert.deepEqual([linear!.length, wide!.length], [5, 5]);
    for (const time of [...linear!, ...wide!]) {
      assert.ok(time > 0);
      assert.equal(time, Number(time.toPrecision(4)));
    }
    assert.ok(Number(cell.measures["step of wide over linear"]) > 1);
    // The images of one batch, and one to test on.
    assert.ok(cell.memory!.all - cell.memory!.besidesData < 2 * 18 * (784 + 4));
  }
  assert.ok(watch.plan!.seconds.values().every((seconds) => seconds > 0));
  assert.equal(watch.plan!.seconds.size, 2);
  assert.equal(watch.steps, 2 * 5);

  assert.equal(judgements[0]!.parts[0]!.n, 2);
  // Of one seed, since no interval of two is to be relied upon while other tests run.
  const [judgement] = await judgeRecords(experiment, cells.slice(0, 1));
  assert.equal(judgement!.verdict, "supported");
  const { device } = cells[0]!;
  const machine = `${device.name}, cpu device, ${device.threads} thread${
    device.threads === 1 ? "" : "s"
  }`;
  assert.deepEqual(judgement!.parts[0]!.machines, [machine]);
  const [part] = CLAIM.parts;
  assert.equal(measuredTexts(experiment, part!, judgement!.parts[0]!).at(-1), `on ${machine}`);
  assert.equal(
    describePart(part!),
    "step of wide over linear, times: above 1",
  );

  const { results, trained } = summarizeArms(experiment, pool(cells));
  assert.deepEqual(trained, []);
  assert.deepEqual(results.map(([arm, name]) => [arm, name]), [
    ["times", "ms a step of linear"],
    ["times", "ms a step of wide"],
    ["times", "step of wide over linear"],
  ]);
  assert.match(results[0]![2], /^[\d.]+ \[-?[\d.]+, [\d.]+\], n = 2$/);
});

testInFolder("a timing that was stopped starts anew when the run goes on", async (folder) => {
  const stopped = await runTiny(folder, { experiment, arms: ["times"], watch: new Watch(7) });
  assert.deepEqual(stopped.cells.map(({ status }) => status), ["finished", "running"]);
  assert.ok(!stopped.complete);
  assert.deepEqual(stopped.cells[1]!.measures, {});
  const watch = new Watch();
  const { cells, complete } = await runTiny(folder, { experiment, resume: stopped.folder, watch });
  assert.ok(complete);
  assert.deepEqual(watch.started, [["times-s1", 0]]);
  assert.equal(watch.steps, 5);
  assert.deepEqual(timeless(cells[0]!), timeless(stopped.cells[0]!));
});

testInFolder("timings stand beside the nets that they time, seed by seed", async (folder) => {
  const { cells, judgements } = await runTiny(folder, { experiment, steps: 2 });
  assert.deepEqual(cells.map(({ id }) => id), [
    ...["linear-s0", "wide-s0", "times-s0"],
    ...["linear-s1", "wide-s1", "times-s1"],
  ]);
  assert.equal(judgements[0]!.parts[0]!.n, 2);
});

testInFolder(
  "a device that cannot time its work is refused before anything runs",
  async (folder) => {
    const host = {
      ...denoHost,
      openWebGpuQuietly: () => {
        const device = openCpu("no clock", { threads: 1 });
        return Promise.resolve({
          ...device,
          info: { ...device.info, kind: "webgpu" },
          probe: { spelling: "plain" },
          load: async (programs: Parameters<Device["load"]>[0]) => ({
            ...await device.load(programs),
            profile: () => Promise.reject(new DeviceError("no timestamp queries")),
          }),
        } as never);
      },
    };
    const watch = new Watch();
    await assert.rejects(
      runTiny(folder, { experiment, host, device: "webgpu", watch }),
      { name: "DeviceError", message: "no timestamp queries" },
    );
    assert.deepEqual(watch.started, []);
  },
);
