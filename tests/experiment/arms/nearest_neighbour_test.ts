import assert from "node:assert/strict";
import type { Dataset } from "../../../core/data/dataset.ts";
import { mnistStandIn } from "../../../core/data/stand_in_mnist.ts";
import { defineExperiment, type Experiment } from "../../../core/experiment/define.ts";
import { denoHost } from "../../../core/experiment/host.ts";
import { type Host, HostError } from "../../../core/experiment/host_interface.ts";
import { nearestNeighbour } from "../../../core/experiment/arms/nearest_neighbour.ts";
import { planCells, type PlanOptions } from "../../../core/experiment/plan.ts";
import { pool } from "../../../core/experiment/claims/pool.ts";
import {
  type CellRecord,
  cellRecordSchema,
  readRecord,
} from "../../../core/experiment/records/record.ts";
import { judgeRecords } from "../../../core/experiment/claims/judge_records.ts";
import { directory, load, testOnData } from "../../data/real_data.ts";
import { DECLARATION, inFolder, runTiny, testInFolder, timeless, Watch } from "../tiny.ts";

const CLAIM = {
  id: "tiny-neighbours",
  lecture: "none",
  paraphrase: "Nearest neighbours are better than chance.",
  parts: [{
    part: "accuracy",
    measure: "test accuracy",
    compare: "above",
    value: 0.3,
    pairing: { arm: "neighbour" },
    minSeeds: 1,
  }],
  needsTraining: false,
} as const;

const limits = { data: "mnist", trainImages: 300, testImages: 250 } as const;

/** A net beside neighbours by either metric, on 250 test images, which are 3 batches. */
const NEIGHBOURS = {
  ...DECLARATION,
  arms: {
    linear: DECLARATION.arms.linear,
    neighbour: nearestNeighbour({ ...limits, metric: "l1" }),
    "neighbour-l2": nearestNeighbour({ ...limits, metric: "l2" }),
  },
  claims: [CLAIM],
  presets: {
    quick: { seeds: 2, steps: 12, trainImages: 200, validationImages: 20, testImages: 25 },
    standard: { seeds: 3, epochs: 4 },
    lecture: { seeds: 5, epochs: 10 },
  },
} satisfies Parameters<typeof defineExperiment>[0];

const experiment = defineExperiment(NEIGHBOURS);
const IDS = ["neighbour-s0-images=0_249", "neighbour-l2-s0-images=0_249"];
const ARMS = ["neighbour", "neighbour-l2"];

function plan(options: Partial<PlanOptions> = {}, of: Experiment = experiment) {
  return planCells(of, { preset: "quick", arms: ["neighbour"], ...options });
}

/** How many of the first test images the first of the nearest training images names right. */
function correctOf({ train, test, shape }: Dataset, among: number, images: number, power: number) {
  const size = shape[0] * shape[1] * shape[2];
  let correct = 0;
  for (let i = 0; i < images; i++) {
    let best = -1, least = Infinity;
    for (let j = 0; j < among; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) {
        sum += Math.abs(test.pixels[i * size + k]! - train.pixels[j * size + k]!) ** power;
      }
      if (sum < least) [best, least] = [j, sum];
    }
    if (train.labels[best] === test.labels[i]) correct++;
  }
  return correct;
}

Deno.test("the test images of an arm are shared out to cells of at most 1,000, once for all seeds", async () => {
  const arms = { neighbour: nearestNeighbour({ data: "mnist", metric: "l1" }) };
  const whole = await plan({ seeds: [4, 7] }, defineExperiment({ ...NEIGHBOURS, arms }));
  assert.deepEqual(
    whole.map(({ id }) => id),
    Array.from({ length: 10 }, (_, i) => `neighbour-s0-images=${1000 * i}_${1000 * i + 999}`),
  );
});

Deno.test("the test images of CIFAR-10 are those without the excluded records", async () => {
  const arms = { neighbour: nearestNeighbour({ data: "cifar10", metric: "l1" }) };
  const cells = await plan({ preset: "standard" }, defineExperiment({ ...NEIGHBOURS, arms }));
  assert.deepEqual(cells.map(({ config }) => "images" in config && config.images).at(-1), {
    from: 9_000,
    to: 9_979,
  });
});

Deno.test("--set changes an arm's own fields; a preset and what speaks of nets do not", async () => {
  const both = { arms: ["linear", "neighbour"], seeds: [0] };
  const [, cell, ...others] = await plan({
    ...both,
    steps: 3,
    set: { batch: 32, "net.1.units": 5 },
  });
  assert.deepEqual(others, []);
  assert.deepEqual(cell!.config, {
    ...{ kind: "nearestNeighbour", data: "mnist", metric: "l1" },
    ...{ trainImages: 300, testImages: 250, images: { from: 0, to: 250 } },
  });
  assert.equal(cell!.steps, 0);
  await assert.rejects(plan({ set: { trainImage: 5 } }), {
    name: "DeclarationError",
    message: /there is no field "trainImage"; did you mean "trainImages"/,
  });
  const [first, second] = await plan({ set: { metric: "l2", testImages: 1_200 } });
  assert.deepEqual([first!.id, second!.id], [
    "neighbour-s0-images=0_999",
    "neighbour-s0-images=1000_1199",
  ]);
  assert.ok("metric" in second!.config && second!.config.metric === "l2");
  await assert.rejects(plan({ set: { metric: "l3" } }), /arm "neighbour": metric: .*"l1"\|"l2"/);
});

Deno.test("a cell's digest covers its arm's fields and its share, and nothing else", async () => {
  const digests = async (options: Partial<PlanOptions>) =>
    (await plan({ set: { testImages: 1_200 }, ...options })).map(({ digest }) => digest);
  const [first, second] = await digests({});
  assert.notEqual(first, second);
  assert.deepEqual(await digests({ seeds: [5], steps: 7 }), [first, second]);
  for (const set of [{ metric: "l2" }, { trainImages: 200 }, { testImages: 1_100 }]) {
    const other = await digests({ set: { testImages: 1_200, ...set } });
    assert.ok(!other.includes(first!), JSON.stringify(set));
  }
  const renamed = { again: NEIGHBOURS.arms.neighbour };
  const other = defineExperiment({ ...NEIGHBOURS, arms: renamed, claims: [] });
  const same = await plan({ arms: ["again"], set: { testImages: 1_200 } }, other);
  assert.deepEqual(same.map(({ digest }) => digest), [first, second]);
});

Deno.test("a sweep goes over an arm's own fields", async () => {
  const swept = defineExperiment({
    ...NEIGHBOURS,
    sweeps: { images: { arms: ["neighbour"], over: { trainImages: [50, 100] } } },
  });
  assert.deepEqual((await plan({}, swept)).map(({ id }) => id), [
    "neighbour-s0-images=0_249",
    "neighbour-s0-trainImages=50-images=0_249",
    "neighbour-s0-trainImages=100-images=0_249",
  ]);
  const misspelt = { arms: ["neighbour"], over: { metrc: ["l1", "l2"] } };
  assert.throws(() => defineExperiment({ ...NEIGHBOURS, sweeps: { metrics: misspelt } }), {
    name: "DeclarationError",
    message:
      /sweep "metrics": arm "neighbour" at metrc: there is no field "metrc"; did you mean "metric"/,
  });
});

Deno.test("a claim on a measure that nearest neighbours have not is refused", () => {
  const [part] = CLAIM.parts;
  const withPart = (change: object) =>
    defineExperiment({
      ...NEIGHBOURS,
      claims: [{ ...CLAIM, parts: [{ ...part, ...change }] }],
    });
  assert.throws(
    () => withPart({ measure: "test acuracy" }),
    /there is no measure "test acuracy"; did you mean "test accuracy"\? There are: test accuracy, correct, images/,
  );
  assert.throws(
    () => withPart({ measure: "parameters", pairing: { arm: "linear", minus: "neighbour" } }),
    /there is no measure "parameters"/,
  );
  withPart({ measure: "correct" });
  withPart({ pairing: { arm: "linear", minus: "neighbour" } });
});

testInFolder("a run counts what the definition counts, and its claim is judged", async (folder) => {
  const watch = new Watch();
  const result = await runTiny(folder, { experiment, arms: ARMS, watch });
  const data = await mnistStandIn();
  assert.ok(result.complete);
  assert.deepEqual(result.cells.map(({ id }) => id), IDS);
  const expected = [1, 2].map((power) => correctOf(data, 300, 250, power));
  assert.deepEqual(
    result.cells.map(({ measures }) => measures),
    expected.map((correct) => ({ correct, images: 250 })),
  );
  for (const cell of result.cells) {
    const path = `${result.folder}/${cell.id}/cell.json`;
    assert.deepEqual(await readRecord(denoHost, path, cellRecordSchema), cell);
    assert.equal(cell.status, "finished");
    assert.equal(cell.digests.data, data.digest);
    assert.equal(cell.standIn, true);
    assert.deepEqual(cell.memory!.all - cell.memory!.besidesData, 300 * 784);
  }
  assert.equal(watch.steps, 6);
  const { images, of, correct } = watch.lastCompared!;
  assert.deepEqual([images, of, correct], [250, 250, expected[1]]);
  assert.deepEqual([...watch.plan!.seconds.keys()], IDS);
  assert.ok(watch.plan!.seconds.values().every((seconds) => seconds > 0));
  assert.deepEqual(
    pool(result.cells).map(({ measures }) => measures),
    expected.map((correct) => ({ "test accuracy": correct / 250, correct, images: 250 })),
  );
  const [judgement] = result.judgements;
  assert.equal(judgement!.verdict, expected[0]! / 250 > 0.3 ? "supported" : "refuted");
  assert.equal(judgement!.parts[0]!.n, 1);
});

testInFolder("nets and neighbours run side by side, whatever the seeds", async (folder) => {
  const { cells, complete } = await runTiny(folder, { experiment });
  assert.ok(complete);
  assert.deepEqual(cells.map(({ id }) => id), ["linear-s0", ...IDS, "linear-s1"]);
  assert.ok(cells.every(({ status }) => status === "finished"));
});

testInFolder(
  "a run that was stopped in a cell or between two leaves what an uninterrupted one leaves",
  async (folder) => {
    const whole = await runTiny(folder, { experiment, arms: ARMS });
    // Of two cells with 3 batches each.
    for (const stopAfter of [1, 3, 4]) {
      const stopped = await runTiny(folder, {
        experiment,
        arms: ARMS,
        watch: new Watch(stopAfter),
      });
      assert.ok(!stopped.complete);
      assert.deepEqual(stopped.judgements.map(({ verdict }) => verdict), [
        stopAfter === 1 ? "not run" : "supported",
      ]);
      const half = stopped.cells.filter(({ status }) => status === "running");
      assert.equal(half.length, stopAfter === 3 ? 0 : 1);
      for (const { measures } of half) assert.deepEqual(measures, {});

      const watch = new Watch();
      const after = await runTiny(folder, { experiment, resume: stopped.folder, watch });
      assert.ok(after.complete);
      assert.deepEqual(watch.started.map(([id]) => id), stopAfter < 3 ? IDS : IDS.slice(1));
      assert.deepEqual(after.cells.map(timeless), whole.cells.map(timeless), `${stopAfter}`);
    }
  },
);

testInFolder(
  "a cell that was killed before its record is run again, others are not",
  async (folder) => {
    const whole = await runTiny(folder, { experiment, arms: ARMS });
    const host: Host = {
      ...denoHost,
      async writeAtomic(path, content) {
        const lost = path.includes(IDS[1]!) && String(content).includes('"status": "finished"');
        if (lost) throw new HostError("killed");
        await denoHost.writeAtomic(path, content);
      },
    };
    const first = new Watch();
    await assert.rejects(runTiny(folder, { experiment, arms: ARMS, host, watch: first }), /killed/);
    const { folder: made } = first.plan!;
    const untouched = await Deno.stat(`${made}/${IDS[0]}/cell.json`);

    const watch = new Watch();
    const { cells } = await runTiny(folder, { experiment, resume: made, watch });
    assert.deepEqual(watch.started, [[IDS[1], 0]]);
    assert.deepEqual(cells.map(timeless), whole.cells.map(timeless));
    assert.deepEqual((await Deno.stat(`${made}/${IDS[0]}/cell.json`)).mtime, untouched.mtime);
  },
);

testInFolder("more images than there are are refused by name", async (folder) => {
  const refused = (set: Record<string, unknown>, message: RegExp) =>
    assert.rejects(runTiny(folder, { experiment, arms: ARMS, set }), {
      name: "DeclarationError",
      message,
    });
  const fetch = /^1001 test images .* has 1000; fetch the real ones \(deno task data mnist\)/;
  await refused({ testImages: 1_001 }, fetch);
  await refused({ trainImages: 6_001 }, /^6001 training images .* has 6000; set trainImages to/);
});

testInFolder("a profile times the dispatches of a batch", async (folder) => {
  const watch = new Watch();
  await runTiny(folder, { experiment, arms: ["neighbour"], profile: true, watch });
  assert.equal(watch.profiles, 1);
});

/** Finished cells of 2,100 images, of which so many were correct. */
async function shares(folder: string, counts = [500, 600, 70]): Promise<CellRecord[]> {
  const { cells: [record] } = await runTiny(folder, { experiment, arms: ["neighbour"] });
  const cells = await plan({ set: { testImages: 2_100 } });
  return cells.map(({ id, config }, i) => {
    const images = i < 2 ? 1_000 : 100;
    const measures = { correct: counts[i]!, images };
    return { ...record!, id, config: JSON.parse(JSON.stringify(config)), measures };
  });
}

testInFolder("the shares of an arm are pooled to one result, in any order", async (folder) => {
  const records = await shares(folder);
  for (const order of [records, records.toReversed()]) {
    const [result, ...others] = pool(order);
    assert.deepEqual(others, []);
    assert.deepEqual(result!.measures, {
      "test accuracy": 1_170 / 2_100,
      correct: 1_170,
      images: 2_100,
    });
  }
  const [judgement] = await judgeRecords(experiment, records);
  assert.equal(judgement!.verdict, "supported");
  assert.deepEqual(judgement!.parts[0]!.seeds, [0]);
});

testInFolder("what is not whole gives no result, and no verdict", async (folder) => {
  const records = await shares(folder);
  const [first, second, third] = records as [CellRecord, CellRecord, CellRecord];
  for (
    const part of [
      [first, second],
      [second, third],
      [first, third],
      [first, second, third, third],
      [first, second, { ...third, status: "running" as const }],
      [first, second, { ...third, measures: {} }],
      [first, second, { ...third, measures: { correct: 3, images: 99 } }],
    ]
  ) {
    assert.deepEqual(pool(part), []);
    assert.equal((await judgeRecords(experiment, part))[0]!.verdict, "not run");
  }
});

testInFolder("a pooled result is no better than its worst share", async (folder) => {
  const records = await shares(folder);
  const verdict = async (change: Partial<CellRecord>) =>
    (await judgeRecords(experiment, [records[0]!, { ...records[1]!, ...change }, records[2]!]))[0]!;
  assert.equal((await verdict({})).verdict, "supported");
  const digests = { ...records[1]!.digests, claims: { [CLAIM.id]: "0".repeat(64) } };
  assert.match((await verdict({ digests })).reason!, /run under other criteria/);
  const real = records.map((record) => ({ ...record, standIn: false }));
  assert.equal(pool([...real.slice(0, 2), records[2]!])[0]!.standIn, true);
  assert.equal(pool(real)[0]!.standIn, false);
});

testInFolder(
  "records of sweep points and of other arms are pooled for themselves",
  async (folder) => {
    const records = await shares(folder);
    const swept = records.map((record) => ({ ...record, point: { trainImages: 5 } }));
    const { cells } = await runTiny(folder, { experiment, arms: ["linear"], seeds: [0] });
    const pooled = pool([...records, ...swept, ...cells]);
    assert.deepEqual(pooled.map(({ arm, point }) => [arm, point]), [
      ["neighbour", {}],
      ["neighbour", { trainImages: 5 }],
      ["linear", {}],
    ]);
    assert.equal(pooled[2], cells[0]);
  },
);

await testOnData(
  "mnist",
  "a run of several cells that was stopped between two is resumed and pooled",
  inFolder(async (folder) => {
    const options = {
      ...{ experiment, arms: ["neighbour"], set: { testImages: 2_100, trainImages: 200 } },
      dataDirectories: [{ path: directory, given: true, origin: "the test" }],
    };
    const stopped = await runTiny(folder, { ...options, watch: new Watch(10) });
    assert.deepEqual(stopped.cells.map(({ status }) => status), ["finished"]);
    assert.equal(stopped.judgements[0]!.verdict, "not run");
    const { cells, judgements } = await runTiny(folder, { ...options, resume: stopped.folder });
    assert.deepEqual(cells.map(({ id }) => id), [
      "neighbour-s0-images=0_999",
      "neighbour-s0-images=1000_1999",
      "neighbour-s0-images=2000_2099",
    ]);
    assert.deepEqual(cells[0], stopped.cells[0]);
    const correct = correctOf(await load("mnist"), 200, 2_100, 1);
    const results = pool(cells).map(({ measures }) => measures);
    assert.deepEqual(results, [{ "test accuracy": correct / 2_100, correct, images: 2_100 }]);
    assert.equal(judgements[0]!.verdict, "supported");
  }),
);
