import assert from "node:assert/strict";
import { mnistStandIn } from "../../../core/data/stand_in_mnist.ts";
import { openCpu } from "../../../core/device/cpu.ts";
import { computation } from "../../../core/experiment/arms/arm.ts";
import type { TransferCell } from "../../../core/experiment/arms/seeded.ts";
import { transfer } from "../../../core/experiment/arms/transfer.ts";
import { runTransferCell } from "../../../core/experiment/cells/transfer_cell.ts";
import { type Claim, describePart } from "../../../core/experiment/claims/claim.ts";
import { criterionText, measuredTexts } from "../../../core/experiment/claims/part_text.ts";
import { defineExperiment, type Experiment } from "../../../core/experiment/define.ts";
import { denoHost } from "../../../core/experiment/host.ts";
import { type Cell, planCells, type PlanOptions } from "../../../core/experiment/plan.ts";
import { summarizeArms } from "../../../core/experiment/records/arm_summaries.ts";
import {
  type CellRecord,
  cellRecordSchema,
  readRecord,
} from "../../../core/experiment/records/record.ts";
import type { ProgressReport } from "../../../core/experiment/reporter.ts";
import { DECLARATION, runTiny, testInFolder, timeless, Watch } from "../tiny.ts";

const { narrow, linear } = DECLARATION.arms;

const CLAIM: Claim = {
  id: "tiny-transfers",
  lecture: "none",
  paraphrase: "What fools a linear net fools a narrow one.",
  parts: [{
    part: "narrow",
    measure: "accuracy lost of narrow by linear of the next seed",
    compare: "above",
    value: 0,
    pairing: { arm: "shown" },
    minSeeds: 2,
  }],
  needsTraining: false,
};

const declared = {
  data: "mnist",
  sources: [{ arm: "linear" }, { arm: "linear", seed: "next" }],
  targets: ["narrow", "linear", { classic: "naive Bayes" }, { classic: "nearest neighbour" }],
  attack: { attack: "fgsm", epsilon: 0.3 },
  images: 120,
  fitted: 300,
} as const;

const plain = { ...declared, sources: [...declared.sources], targets: [...declared.targets] };

const SHOWN = {
  ...DECLARATION,
  arms: { narrow, shown: transfer(plain), linear },
  claims: [CLAIM],
  presets: { ...DECLARATION.presets, quick: { seeds: 2, steps: 40 } },
} satisfies Parameters<typeof defineExperiment>[0];

const experiment = defineExperiment(SHOWN);

function plan(options: Partial<PlanOptions> = {}, of: Experiment = experiment) {
  return planCells(of, { preset: "quick", arms: ["shown"], ...options });
}

/** The experiment with another transfer, or further arms. */
function shownAs(fields: object, arms: object = {}): Experiment {
  return defineExperiment({
    ...SHOWN,
    claims: [],
    arms: { ...SHOWN.arms, ...arms, shown: transfer({ ...plain, ...fields }) } as never,
  });
}

Deno.test("a transfer has a cell for each seed, after all others, with the nets it needs", async () => {
  const all = await plan({ arms: ["narrow", "shown", "linear"], seeds: [0, 4] });
  assert.deepEqual(all.map(({ id }) => id), [
    ...["narrow-s0", "linear-s0", "narrow-s4", "linear-s4"],
    ...["shown-s0", "shown-s4"],
  ]);
  const [cell] = await plan({ seeds: [4] });
  const [ofNarrow, ofLinear] = all.slice(2).map(({ config }) => config);
  assert.deepEqual(cell!.config, {
    kind: "transfer",
    data: "mnist",
    sources: [
      { arm: "linear", seed: "own", config: ofLinear },
      { arm: "linear", seed: "next", config: ofLinear },
    ],
    targets: [
      { arm: "narrow", config: ofNarrow },
      { arm: "linear", config: ofLinear },
      { classic: "naive Bayes", smoothing: 0.1 },
      { classic: "nearest neighbour", metric: "l2" },
    ],
    attack: { attack: "fgsm", epsilon: 0.3 },
    images: 120,
    fitted: 300,
  });
  assert.equal(cell!.steps, 0);
});

Deno.test("a transfer's digest covers its nets, attack and images, and nothing else", async () => {
  const digest = async (options: Partial<PlanOptions> = {}, of?: Experiment) =>
    (await plan({ seeds: [0], ...options }, of))[0]!.digest;
  const first = await digest();
  for (
    const set of [{ "attack.epsilon": 0.2 }, { images: 60 }, { fitted: 200 }, { "net.1.units": 12 }]
  ) {
    assert.notEqual(await digest({ set }), first, JSON.stringify(set));
  }
  assert.notEqual(await digest({ seeds: [1] }), first);
  assert.equal(await digest({}, shownAs({}, { another: narrow })), first);
  const defaults = [...plain.targets.slice(0, 2), { classic: "naive Bayes", smoothing: 0.1 }];
  const targets = [...defaults, plain.targets.at(-1)];
  assert.equal(await digest({}, shownAs({ targets })), first);
  const other = [...plain.targets.slice(0, 2), { classic: "naive Bayes", smoothing: 0.2 }];
  assert.notEqual(
    await digest({}, shownAs({ targets: [...other, plain.targets.at(-1)] })),
    first,
  );
  await assert.rejects(plan({ set: { image: 6 } }), {
    name: "DeclarationError",
    message: /there is no field "image"; did you mean "images"/,
  });
});

Deno.test("a preset says how many images there are, and a transfer takes no more", async () => {
  const presets = {
    ...SHOWN.presets,
    quick: { seeds: 1, steps: 4, trainImages: 100, testImages: 50 },
  };
  const [cell] = await plan({}, defineExperiment({ ...SHOWN, presets }));
  const { images, fitted } = cell!.config as { images: number; fitted: number };
  assert.deepEqual([images, fitted], [50, 100]);
});

Deno.test("a transfer of what cannot be shown, or attacked, is refused by name", async () => {
  const refused = (fields: object, message: RegExp, arms: object = {}) =>
    assert.throws(() => shownAs(fields, arms), { name: "DeclarationError", message });
  refused({ targets: [] }, /arms\.shown\.targets: a transfer needs at least one target/);
  refused({ sources: [] }, /arms\.shown\.sources: a transfer needs at least one source/);
  refused({ targets: ["narrow", "narrow"] }, /a transfer names a target twice/);
  const twice = [{ arm: "linear" }, { arm: "linear", seed: "own" }];
  refused({ sources: twice }, /a transfer names a source twice/);
  refused({ targets: ["narow"] }, /arm "shown": there is no arm "narow"; did you mean "narrow"\?/);
  refused({ sources: [{ arm: "linea" }] }, /there is no arm "linea"; did you mean "linear"\?/);
  refused(
    { targets: [{ classic: "naive bayes" }] },
    /arms\.shown\.targets\[0\]: a target is the name of a supervised arm, or a classical model/,
  );
  refused(
    { targets: ["shown"] },
    /arm "shown" is of the kind transfer, and a transfer takes .*: narrow, linear$/,
  );
  const nine = computation({ a: 3 }, (_, { a }) => ({ square: a * a }));
  refused({ sources: [{ arm: "nine" }] }, /arm "nine" is of the kind computation/, { nine });
  const coloured = { ...linear, data: "cifar10" };
  refused(
    { targets: ["coloured"] },
    /"coloured" learns from cifar10, and this transfer shows images of mnist/,
    { coloured },
  );
  refused({ attack: { attack: "fgsm", epsilon: -0.1 } }, /epsilon must lie above 0/);
  assert.throws(
    () => {
      const sweeps = { far: { arms: ["shown"], over: { images: [10, 20] } } };
      defineExperiment({ ...SHOWN, sweeps });
    },
    /sweep "far": arm "shown" is a transfer, which has no fields to sweep/,
  );
  assert.throws(
    () => {
      const parts = [{ ...CLAIM.parts[0]!, measure: "accuracy lost of narrow by narrow" }];
      defineExperiment({ ...SHOWN, claims: [{ ...CLAIM, parts }] });
    },
    /there is no measure "accuracy lost of narrow by narrow".*accuracy of narrow under linear/s,
  );

  const wide = { ...narrow, canvas: 40 };
  await assert.rejects(
    plan({}, shownAs({ targets: ["wide"] }, { wide })),
    /arm "shown": "wide" takes images on a canvas of 40 pixels a side/,
  );
  const clusters = shownAs({ targets: [{ classic: "k-means", clusters: 20 }] });
  await assert.rejects(
    plan({ set: { fitted: 19 } }, clusters),
    /arm "shown": k-means cannot make 20 clusters of 19 images; make clusters fewer, or fitted/,
  );
  assert.ok(await plan({ set: { fitted: 20 } }, clusters));
  await assert.rejects(
    plan({ set: { pixels: "raw" } }),
    /arm "shown": "linear" takes pixels "raw", and an attack moves pixels within 0\.\.1/,
  );
});

testInFolder(
  "a transfer asks for no more images than there are, and a class that is there",
  async (folder) => {
    const refused = async (fields: object, message: RegExp) => {
      const asked = { experiment: shownAs(fields), arms: ["shown"] };
      await assert.rejects(runTiny(folder, asked), { name: "DeclarationError", message });
    };
    await refused({ images: 2_000 }, /2000 test images were asked for, .* has 1000; set images to/);
    await refused(
      { fitted: 7_000 },
      /7000 training images .* has 6000; set fitted to at most that/,
    );
    const attack = { attack: "fgsm", epsilon: 0.1, target: "airplane" };
    await refused({ attack }, /attack: there is no class "airplane" to aim at; there are: 0, 1, 2/);
  },
);

const transfers = (cells: readonly CellRecord[]) => cells.filter(({ arm }) => arm === "shown");

/** Whether a transfer trained a net itself. */
async function hasTrained(folder: string, cell: string, net: string): Promise<boolean> {
  return await denoHost.exists(`${folder}/${cell}/${net}/checkpoint.safetensors`);
}

testInFolder(
  "a transfer with siblings and one that trains its nets come to the same",
  async (folder) => {
    const both = await runTiny(folder, { experiment });
    const alone = new Watch();
    const own = await runTiny(folder, { experiment, arms: ["shown"], watch: alone });
    assert.ok(both.complete && own.complete);
    const measures = (cells: readonly CellRecord[]) =>
      transfers(cells).map(({ id, digests, measures }) => [id, digests.config, measures]);
    assert.deepEqual(measures(both.cells), measures(own.cells));
    assert.equal(transfers(both.cells).length, 2);

    // Of the last seed the next one is in no run.
    const trained = await Promise.all([
      ...["narrow-s0", "linear-s0", "linear-s1"].map((net) =>
        hasTrained(own.folder, "shown-s0", net)
      ),
      ...["narrow-s0", "linear-s0", "linear-s1"].map((net) =>
        hasTrained(both.folder, "shown-s0", net)
      ),
      ...["narrow-s1", "linear-s1"].map((net) => hasTrained(both.folder, "shown-s1", net)),
      hasTrained(both.folder, "shown-s1", "linear-s2"),
    ]);
    assert.deepEqual(trained, [true, true, true, false, false, false, false, false, true]);
    assert.equal(alone.steps, 2 * 3 * 40);
    assert.ok(alone.plan!.seconds.values().every((seconds) => seconds > 0));
    assert.equal(alone.plan!.seconds.size, 2);

    const [cell] = transfers(both.cells);
    assert.deepEqual(
      await readRecord(denoHost, `${both.folder}/shown-s0/cell.json`, cellRecordSchema),
      cell,
    );
    const number = (name: string) => Number(cell!.measures[name]);
    assert.equal(Object.keys(cell!.measures).length, 4 * (1 + 2 * 2));
    for (const target of ["narrow", "linear", "naive Bayes", "nearest neighbour"]) {
      for (const source of ["linear", "linear of the next seed"]) {
        const lost = number(`accuracy of ${target}`) -
          number(`accuracy of ${target} under ${source}`);
        assert.ok(Math.abs(number(`accuracy lost of ${target} by ${source}`) - lost) < 1e-12);
      }
      assert.ok(number(`accuracy of ${target}`) > 0.2, target);
    }
    // White box: all that this net has.
    assert.equal(number("accuracy of linear under linear"), 0);

    const [judgement] = both.judgements;
    assert.equal(judgement!.verdict === "not run", false);
    assert.equal(judgement!.parts[0]!.n, 2);
    const [part] = CLAIM.parts;
    assert.equal(
      describePart(part!),
      "accuracy lost of narrow by linear of the next seed, shown: above 0, at least 2 seeds",
    );
    assert.match(criterionText(experiment, CLAIM, part!), /above 0\.0 points, at least 2 seeds$/);
    assert.match(measuredTexts(experiment, part!, judgement!.parts[0]!)[0]!, /^[\d.]+ points \[/);
    const { results } = summarizeArms(experiment, both.cells);
    assert.match(results[0]![2], /^[\d.]+ % \[-?[\d.]+, [\d.]+\], n = 2$/);
  },
);

/** Runs the cell of seed 0 alone, in a run's folder. */
async function shownIn(run: string) {
  const [cell] = await plan({ seeds: [0] });
  const watch = new Watch();
  const tools = {
    ...{ host: denoHost, device: openCpu("any", { threads: 1 }), reporter: watch, run },
    ...{ stop: watch.stop, profile: false, saveSeconds: 30 },
  };
  const progress = { step: 0, chain: [], evaluations: [], metricsBytes: 0, seconds: 0 };
  const { status, measures } = await runTransferCell(
    tools,
    cell as Cell & { readonly config: TransferCell },
    await mnistStandIn(),
    progress,
  );
  assert.equal(status, "finished");
  return measures;
}

testInFolder(
  "the net of another configuration is not taken for the one that is needed",
  async (folder) => {
    const before = await runTiny(folder, { experiment, seeds: [0], arms: ["linear"] });
    const [sibling] = before.cells;
    const path = `${before.folder}/linear-s0`;
    const again = async (record: CellRecord) => {
      await denoHost.writeAtomic(`${path}/cell.json`, JSON.stringify(record));
      await Deno.remove(`${before.folder}/shown-s0`, { recursive: true }).catch(() => {});
      const measures = await shownIn(before.folder);
      return [await hasTrained(before.folder, "shown-s0", "linear-s0"), measures] as const;
    };
    const [trained, measures] = await again(sibling!);
    assert.equal(trained, false);
    for (
      const other of [
        { digests: { ...sibling!.digests, config: "0".repeat(64) } },
        { digests: { ...sibling!.digests, data: "0".repeat(64) } },
        { status: "running" as const },
        { device: { ...sibling!.device, name: "odd", spelling: "none" as const } },
      ]
    ) {
      assert.deepEqual(await again({ ...sibling!, ...other }), [true, measures]);
    }
  },
);

testInFolder("a transfer that was stopped goes on with the nets that it has", async (folder) => {
  const whole = await runTiny(folder, { experiment, seeds: [0], arms: ["shown"] });
  const watch = new Watch(60);
  const stopped = await runTiny(folder, { experiment, seeds: [0], arms: ["shown"], watch });
  assert.ok(!stopped.complete);
  assert.deepEqual(stopped.cells.map(({ status, measures }) => [status, measures]), [[
    "running",
    {},
  ]]);
  const reports: [string, number][] = [];
  class Steps extends Watch {
    override progress(report: ProgressReport) {
      reports.push([report.cell.id, report.step]);
    }
  }
  const { cells, complete } = await runTiny(folder, {
    experiment,
    resume: stopped.folder,
    watch: new Steps(),
  });
  assert.ok(complete);
  const [first] = reports;
  assert.equal(first![0], "shown-s0/linear-s1");
  assert.ok(first![1] > 20, `from step ${first![1]}`);
  assert.ok(reports.every(([id]) => id !== "shown-s0/linear-s0"));
  assert.deepEqual(timeless(cells[0]!), timeless(whole.cells[0]!));

  // Between two parts, when all nets are there.
  const late = new Watch(Infinity, 3);
  const begun = await runTiny(folder, { experiment, seeds: [0], arms: ["shown"], watch: late });
  assert.ok(!begun.complete);
  const last = new Watch();
  const ended = await runTiny(folder, { experiment, resume: begun.folder, watch: last });
  assert.equal(last.steps, 0);
  assert.deepEqual(timeless(ended.cells[0]!), timeless(whole.cells[0]!));
});

testInFolder(
  "a transfer whose net diverges says which one did, and has no measures",
  async (folder) => {
    const set = { "optimiser.learningRate": 1e30 };
    const { cells, complete } = await runTiny(folder, {
      experiment,
      seeds: [0],
      arms: ["shown"],
      set,
    });
    assert.ok(complete);
    const [{ status, reason, measures }] = cells as [CellRecord];
    assert.equal(status, "diverged");
    assert.match(reason!, /^narrow-s0: .* at step \d+ is not finite; lower the learning rate/);
    assert.deepEqual(measures, {});
  },
);
