import assert from "node:assert/strict";
import { mnistStandIn } from "../../core/data/stand_in_mnist.ts";
import { openCpu } from "../../core/device/cpu.ts";
import { adversarySchema } from "../../core/train/adversary.ts";
import { supervised } from "../../core/experiment/arms/arm.ts";
import { timing } from "../../core/experiment/arms/timing.ts";
import { loadNet } from "../../core/experiment/cells/load_net.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import { estimateSeconds } from "../../core/experiment/estimate.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { planCells } from "../../core/experiment/plan.ts";
import { runExperiment } from "../../core/experiment/run.ts";
import { locate } from "../../core/reproduce/locate.ts";
import { reproduce } from "../../core/reproduce/reproduce.ts";
import { packBatches, reproduceBatches } from "../../core/reproduce/steps.ts";
import { after, machine, planted } from "../diverge/planted.ts";
import { cpu } from "../ops/harness.ts";
import { lockAs } from "../reproduce/lock_as.ts";
import { optionsIn, PUBLISHED, SOURCES } from "../reproduce/long_run.ts";
import { DECLARATION, leftBehind, runTiny, testInFolder, tiny, Watch } from "./tiny.ts";

const { narrow, linear } = DECLARATION.arms;
const fgsm = { attack: "fgsm", epsilon: 0.1 } as const;
/** Its ramp ends within the 12 steps of a run. */
const pgd = {
  attack: "pgd",
  epsilon: 0.2,
  stepSize: 0.1,
  steps: 2,
  clean: 0.5,
  ramp: 9,
} as const;

const arms = {
  robust: supervised({ ...narrow, adversary: pgd, weightDecay: 1e-3 }),
  hinged: supervised({ ...linear, loss: "hinge", adversary: fgsm }),
  ...DECLARATION.arms,
};
const experiment = defineExperiment({
  ...DECLARATION,
  arms,
  measures: {
    ...DECLARATION.measures,
    "test loss": { measure: "loss", set: "test" },
  },
  presets: { ...DECLARATION.presets, standard: { seeds: 1, steps: 110 } },
});
const asked = { experiment, arms: ["robust", "hinged"], seeds: [0] };
const IDS = ["robust-s0", "hinged-s0"];

/** Digests of the narrow arm at `quick`, each with other fields. */
function digests(...fields: readonly object[]): Promise<string[]> {
  return Promise.all(fields.map(async (own) => {
    const changed = defineExperiment({
      ...DECLARATION,
      arms: { ...DECLARATION.arms, narrow: { ...narrow, ...own } },
    });
    const planned = { preset: "quick", arms: ["narrow"], seeds: [0] } as const;
    const [cell] = await planCells(changed, planned);
    return cell!.digest;
  }));
}

Deno.test("what is not asked for is in no digest, nor is what is asked for at its default", async () => {
  const [cell] = await planCells(tiny, { preset: "quick", arms: ["narrow"], seeds: [0] });
  assert.deepEqual(
    Object.keys(cell!.config).filter((key) => /adversary|loss|decay/i.test(key)),
    [],
  );
  const same = await digests(
    { adversary: fgsm },
    { adversary: { ...fgsm, start: "image", clean: 0 } },
  );
  assert.equal(same[0], same[1]);
  const [own, random] = await digests({ adversary: pgd }, {
    adversary: { ...pgd, start: "random" },
  });
  assert.equal(own, random);
});

Deno.test("whatever changes the training is in the digest", async () => {
  const all = await digests(
    {},
    { loss: "hinge" },
    { weightDecay: 1e-4 },
    { weightDecay: 1e-3 },
    { adversary: fgsm },
    { adversary: { ...fgsm, epsilon: 0.2 } },
    { adversary: { ...fgsm, clean: 0.5 } },
    { adversary: { ...fgsm, ramp: 10 } },
    { adversary: { ...fgsm, start: "random" } },
    { adversary: { ...fgsm, start: "random", stepSize: 0.125 } },
    { adversary: pgd },
    { adversary: { ...pgd, steps: 3 } },
    { adversary: { ...pgd, start: "image" } },
  );
  assert.equal(new Set(all).size, all.length);
});

for (
  const [adversary, message] of [
    [
      { ...fgsm, epsilon: -0.1 },
      /adversary\.epsilon: a share of the pixel range: above 0 and at mo/,
    ],
    [
      { ...fgsm, epsilon: 0 },
      /adversary\.epsilon: a share of the pixel range: above 0 and at most/,
    ],
    [
      { ...fgsm, epsilon: 1.5 },
      /adversary\.epsilon: a share of the pixel range: above 0 and at mo/,
    ],
    [
      { ...pgd, stepSize: -1 },
      /adversary\.stepSize: a share of the pixel range: above 0 and at mo/,
    ],
    [
      { ...fgsm, steps: 3 },
      /adversary: "steps" is no field here; did you mean "\w+"\? There are: /,
    ],
    [{ ...fgsm, stepSize: 0.1 }, /adversary: from the image itself the step is epsilon; drop step/],
    [
      { ...fgsm, clean: -0.1 },
      /adversary\.clean: a share from 0 to below 1; with 1 nothing would /,
    ],
    [
      { ...fgsm, clean: 1 },
      /adversary\.clean: a share from 0 to below 1; with 1 nothing would be /,
    ],
    [
      { ...fgsm, clean: 1.5 },
      /adversary\.clean: a share from 0 to below 1; with 1 nothing would b/,
    ],
    [{ ...pgd, steps: 0 }, /adversary\.steps: Too small: expected number to be >=1/],
    [{ ...pgd, steps: 1e6 }, /adversary\.steps: Too big: expected number to be <=100/],
    [{ ...pgd, ramp: 0.5 }, /adversary\.ramp: Invalid input: expected int/],
    [{ attack: "pgd", epsilon: 0.1 }, /adversary\.stepSize: Invalid input: expected number/],
    [{ ...fgsm, attack: "pdg" }, /adversary\.attack: .*; did you mean "pgd"\?/],
    [{ ...fgsm, start: "noise" }, /adversary\.start: .*"image"\|"random"/],
  ] as const
) {
  Deno.test(`an adversary ${JSON.stringify(adversary)} is refused with help`, () => {
    const declared = {
      ...DECLARATION,
      arms: { ...DECLARATION.arms, robust: { ...narrow, adversary } },
    };
    assert.throws(() => defineExperiment(declared as never), { name: "DeclarationError", message });
  });
}

for (
  const [fields, message] of [
    [{ loss: "hing" }, /arms\.narrow\.loss: .*did you mean "hinge"\?/],
    [{ weightDecay: -1 }, /arms\.narrow\.weightDecay: Too small: expected number to be >0/],
    [
      { adversary: fgsm, pixels: "standardised" },
      /narrow": adversary: it moves pixels within 0\.\.1, and this arm's are "standardised"; train /,
    ],
    [{ adversary: fgsm, pixels: "raw" }, /adversary: it moves pixels within 0\.\.1, and .* "raw"/],
  ] as const
) {
  Deno.test(`an arm with ${JSON.stringify(fields)} is refused with help`, async () => {
    const changed = { ...DECLARATION, arms: { ...arms, narrow: { ...narrow, ...fields } } };
    assert.throws(() => defineExperiment(changed as never), { name: "DeclarationError", message });
    await assert.rejects(
      planCells(experiment, { preset: "quick", arms: ["narrow"], set: fields }),
      { name: "DeclarationError" },
    );
  });
}

Deno.test("--set reaches an adversary that is declared", async () => {
  const planned = { preset: "quick", arms: ["robust"], seeds: [0] } as const;
  const set = { "adversary.epsilon": 0.25, "adversary.ramp": 3 };
  const [cell] = await planCells(experiment, { ...planned, set });
  assert.deepEqual((cell!.config as unknown as typeof arms.robust).adversary, {
    ...adversarySchema.parse(pgd),
    ...{ epsilon: 0.25, ramp: 3 },
  });
  await assert.rejects(
    planCells(experiment, { ...planned, set: { "adversary.epsilon": 2 } }),
    /^DeclarationError: arm "robust": adversary\.epsilon: a share of the pixel range/,
  );
});

testInFolder(
  "a run that was stopped within a ramp leaves what an uninterrupted one leaves",
  async (folder) => {
    const whole = await runTiny(folder, asked);
    const expected = await Promise.all(IDS.map((id) => leftBehind(whole.folder, id)));
    for (const stopAfter of [1, 5, 17]) {
      const stopped = await runTiny(folder, { ...asked, watch: new Watch(stopAfter) });
      assert.ok(!stopped.complete);
      const resumed = await runTiny(folder, { resume: stopped.folder, experiment });
      assert.ok(resumed.complete);
      const left = await Promise.all(IDS.map((id) => leftBehind(stopped.folder, id)));
      assert.deepEqual(left, expected, `stopped after ${stopAfter}`);
    }
  },
);

testInFolder("an evaluation's loss is the arm's own", async (folder) => {
  const run = await runTiny(folder, { ...asked, arms: ["hinged"] });
  const net = await loadNet(`${run.folder}/hinged-s0`);
  const { test } = await mnistStandIn();
  let sum = 0;
  for (let image = 0; image < 30; image++) {
    const probabilities = await net.predict(test.pixels.subarray(image * 784, (image + 1) * 784));
    // A margin of logits is one of logarithms of probabilities.
    const logits = probabilities.map(Math.log);
    const own = logits[test.labels[image]!]!;
    const other = Math.max(...logits.filter((_, i) => i !== test.labels[image]));
    sum += Math.max(0, 1 - (own - other));
  }
  net.close();
  const loss = run.cells[0]!.measures["test loss"] as number;
  assert.ok(Math.abs(loss / (sum / 30) - 1) < 1e-5, `${loss}, not ${sum / 30}`);
});

testInFolder("its first steps are checked on a spare adapter", async (folder) => {
  for (const id of IDS) {
    const sound = machine(() => undefined);
    const spoiled = machine(after("attack_step", ([, , , , y]) => y![0] = 0.5));
    for (const [host, same] of [[sound, true], [spoiled, false]] as const) {
      const software = {
        ...host,
        async openWebGpuQuietly() {
          const device = await host.openWebGpuQuietly();
          return { ...device, info: { ...device.info, class: "software" as const } };
        },
      };
      const arms = [id.slice(0, -3)];
      const { wgsl } = await runTiny(folder, { ...asked, arms, device: "auto", host: software });
      assert.equal(wgsl!.same, same, wgsl!.text);
      assert.ok(wgsl!.text.includes(`3 steps of ${id}`), wgsl!.text);
    }
  }
});

testInFolder("its steps can be timed against a plain arm's", async (folder) => {
  const times = timing({ arms: ["narrow", "robust"], rounds: 2 });
  const timed = defineExperiment({ ...DECLARATION, arms: { ...arms, times } });
  const { cells } = await runTiny(folder, { experiment: timed, arms: ["times"], seeds: [0] });
  assert.ok(cells[0]!.measures["step of robust over narrow"] as number > 0);
});

testInFolder("its cells are reproduced whole, and on batches without the data", async (folder) => {
  const watch = new Watch();
  const options = optionsIn(folder, watch);
  const chosen = { arms: asked.arms, seeds: asked.seeds };
  const { cells } = await runExperiment(
    denoHost,
    experiment,
    { ...options, ...chosen, profile: false },
    watch,
  );
  const experiments = await lockAs(folder, cells);
  const source = { host: denoHost, experiment, experiments };
  const { answer } = await reproduce(source, { ...options, ...chosen }, {
    run: watch,
    found() {},
    compared() {},
  });
  assert.equal(answer?.tier, "A");
  assert.match(answer.text, /110 of 110 steps, 2 of 2 cells/);

  const file = `${folder}/batches.safetensors`;
  const locked = { ...SOURCES, preset: "standard", device: "cpu", arms: ["robust"] } as const;
  const nobody = { found() {}, chosen() {}, stepped() {} };
  await packBatches(source, locked, file, 100);
  const { download: _, ...nowhere } = locked;
  const replayed = await reproduceBatches(source, nowhere, file, nobody);
  assert.equal(replayed.answer.text, "A for these batches: first 100 of 110 steps, 1 of 2 cells");
});

for (
  const [kernel, label, spoil] of [
    ["attack_step", "adversary/attack/attack_step", 4],
    ["random", "adversary/attack start/random", 2],
  ] as const
) {
  Deno.test(`a fault in ${kernel} is found in its step, by op`, async () => {
    const [cell] = await planCells(experiment, {
      preset: "quick",
      arms: ["robust"],
      seeds: [0],
      set: { "adversary.ramp": 1 },
    });
    const config = cell!.config as Parameters<typeof locate>[0]["arm"];
    // The parameters are drawn too, but are fewer numbers.
    const fault = after(kernel, (views) => {
      const y = views[spoil]!;
      if (y.length === 16 * 784) y.fill(0.75);
    });
    const device = openCpu("a", { threads: 1 });
    const references = openCpu("b", { referencesOnly: true });
    try {
      const found = await locate(
        { arm: config, seed: 0, data: PUBLISHED },
        [planted(device, fault), device],
        references,
        { from: 0, to: 4 },
        () => {},
      );
      assert.deepEqual([found?.op?.label, found?.op?.agrees], [label, "B"]);
    } finally {
      device.close();
      references.close();
    }
  });
}

Deno.test("the estimate times steps with an adversary apart, and its evaluations by their passes", async () => {
  const often = { ...arms.robust, evaluations: "every epoch" as const };
  const seldom = { ...arms.robust, evaluations: "at the end" as const };
  const weaker = { ...seldom, adversary: { ...pgd, epsilon: 0.1, ramp: 2 } };
  const declared = defineExperiment({
    ...DECLARATION,
    claims: [],
    arms: { seldom, often, weaker, plain: narrow },
  });
  const cells = await planCells(declared, { preset: "quick", seeds: [0] });
  const datasets = new Map([["mnist", await mnistStandIn()]]);
  const seconds = await estimateSeconds(cpu, declared, cells, datasets);
  const of = (arm: string) => seconds.get(`${arm}-s0`)!;
  // Of its step's four passes there and back a third of one, for each batch of 16.
  const share = 1 / 3 / 4;
  const expected = (12 + 3 * 50 / 16 * share) / (12 + 50 / 16 * share);
  assert.ok(Math.abs(of("often") / of("seldom") / expected - 1) < 1e-9);
  assert.equal(of("weaker"), of("seldom"));
  assert.notEqual(of("plain"), of("often"));
});
