import assert from "node:assert/strict";
import { firstImages } from "../../../core/data/dataset.ts";
import { unitPixels } from "../../../core/data/pixels.ts";
import { mnistStandIn } from "../../../core/data/stand_in_mnist.ts";
import { openCpu } from "../../../core/device/cpu.ts";
import type { Device } from "../../../core/device/device.ts";
import { type Supervised, supervised } from "../../../core/experiment/arms/arm.ts";
import { defineExperiment } from "../../../core/experiment/define.ts";
import { estimateSeconds } from "../../../core/experiment/estimate.ts";
import { loadNet } from "../../../core/experiment/cells/load_net.ts";
import { AttackedNet } from "../../../core/experiment/measures/attack_readings.ts";
import {
  type MeasureDeclaration,
  measureSchema,
  readingsFor,
  takeMeasure,
} from "../../../core/experiment/measures/measure.ts";
import { measureDigest } from "../../../core/experiment/measures/measure_digest.ts";
import { type Reading, readingKey } from "../../../core/experiment/measures/reading.ts";
import { planCells } from "../../../core/experiment/plan.ts";
import { type AttackDeclaration, attackSchema } from "../../../core/train/attack.ts";
import { answersOf } from "../../../core/train/answers.ts";
import { openAttacker } from "../../../core/train/attacker.ts";
import { DECLARATION, leftBehind, runTiny, testInFolder, Watch } from "../tiny.ts";

const FGSM = { attack: "fgsm", epsilon: 0.1 } as const;
const PGD = { attack: "pgd", epsilon: 0.2, stepSize: 0.05, steps: 3 } as const;
const NAMES = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
const images = 25;

const MEASURES = {
  fgsm: { measure: "attackedAccuracy", attack: FGSM, images },
  lost: { measure: "accuracyLost", attack: FGSM, images },
  survival: { measure: "survival", attack: PGD, images },
  noise: { measure: "attackedAccuracy", attack: { attack: "noise", epsilon: 0.1 }, images },
  fooled: { measure: "attackConfidence", attack: FGSM, of: "fooled", images },
  right: { measure: "attackConfidence", attack: null, of: "right", images },
  reached: { measure: "reached", attack: { ...PGD, target: "7" }, images },
  sure: { measure: "attackConfidence", attack: { ...PGD, target: "7" }, of: "reached", images },
  "one class": { measure: "oneClass", images },
  straight: {
    measure: "linearity",
    logit: "true",
    along: "gradient",
    range: [-0.1, 0.1],
    points: 5,
    images,
  },
} satisfies Record<string, MeasureDeclaration>;

const attacked = defineExperiment({
  ...DECLARATION,
  measures: { ...DECLARATION.measures, ...MEASURES },
});
const asked = { seeds: [0], arms: ["linear"] };

function declared(measure: MeasureDeclaration, arms = {}) {
  return defineExperiment({
    ...DECLARATION,
    arms: { ...DECLARATION.arms, ...arms },
    measures: { ...DECLARATION.measures, it: measure },
  });
}

testInFolder("a finished net is attacked, and what comes of it is measured", async (folder) => {
  const { cells: [cell], folder: run } = await runTiny(folder, { ...asked, experiment: attacked });
  const { measures } = cell!;

  const net = await loadNet(`${run}/linear-s0`);
  const device = openCpu("test");
  const attacker = await openAttacker(device, net, { image: net.image, classes: NAMES });
  const first = firstImages((await mnistStandIn()).test, images);
  const answers = async (attack?: AttackDeclaration) => {
    const shown = attack
      ? await attacker.attack(attackSchema.parse(attack), first, 0)
      : unitPixels(first);
    return answersOf(await attacker.logits(shown), 10);
  };
  const [clean, fgsm, pgd, noise, aimed] = [
    await answers(),
    await answers(FGSM),
    await answers(PGD),
    await answers({ attack: "noise", epsilon: 0.1 }),
    await answers({ ...PGD, target: "7" }),
  ];
  attacker.close();
  net.close();
  device.close();
  const all = [...first.labels.keys()];
  const isRight = ({ classes }: typeof clean) => (i: number) => classes[i] === first.labels[i];
  const share = (of: typeof clean) => all.filter(isRight(of)).length / images;
  const mean = (of: typeof clean, some: number[]) =>
    some.reduce((sum, i) => sum + of.confidences[i]!, 0) / some.length;
  const others = all.filter((i) => first.labels[i] !== 7);
  const seven = others.filter((i) => aimed.classes[i] === 7);
  const fooled = all.filter((i) => isRight(clean)(i) && !isRight(fgsm)(i));
  const { straight, ...rest } = measures;
  assert.ok(fooled.length > 0 && seven.length > 0);
  assert.deepEqual(
    { ...rest, "test accuracy": 0 },
    {
      "test accuracy": 0,
      parameters: 7850,
      fgsm: share(fgsm),
      lost: share(clean) - share(fgsm),
      survival: share(pgd) / share(clean),
      noise: share(noise),
      fooled: mean(fgsm, fooled),
      right: mean(clean, all.filter(isRight(clean))),
      reached: seven.length / others.length,
      sure: mean(aimed, seven),
      "one class": Math.max(
        ...NAMES.map((_, k) => clean.classes.filter((c) => c === k).length),
      ) / images,
    },
  );
  assert.ok(Number(straight) > 0.999999, "a linear net's logits are linear");
});

testInFolder(
  "an attack that is added later needs no training; a resume goes on",
  async (folder) => {
    const before = await runTiny(folder, asked);
    const watch = new Watch(Infinity, 3);
    const stopped = await runTiny(folder, { resume: before.folder, experiment: attacked, watch });
    assert.ok(!stopped.complete);
    assert.deepEqual([watch.steps, Object.keys(stopped.cells[0]!.readings).length], [0, 3]);
    const resumed = await runTiny(folder, { resume: before.folder, experiment: attacked });
    const whole = await runTiny(folder, { ...asked, experiment: attacked });
    assert.ok(resumed.complete);
    assert.deepEqual(resumed.cells[0]!.readings, whole.cells[0]!.readings);
    assert.deepEqual(resumed.cells[0]!.measures, whole.cells[0]!.measures);
    const { record } = await leftBehind(resumed.folder, "linear-s0");
    assert.equal(
      record.digests.measures["fgsm"],
      await measureDigest(measureSchema.parse(MEASURES.fgsm) as never),
    );
  },
);

testInFolder("a claim under attack is judged, and by no other attack", async (folder) => {
  const declare = (epsilon: number) =>
    defineExperiment({
      ...DECLARATION,
      measures: { lost: { measure: "accuracyLost", attack: { ...FGSM, epsilon }, images } },
      claims: [{
        ...DECLARATION.claims[0]!,
        parts: [{
          part: "lost",
          measure: "lost",
          compare: "above",
          value: 0.05,
          pairing: { arm: "linear" },
          minSeeds: 1,
        }],
      }],
    });
  const before = await runTiny(folder, { ...asked, experiment: declare(0.3) });
  assert.equal(before.judgements[0]!.verdict, "supported");
  const other = await runTiny(folder, { resume: before.folder, experiment: declare(0.2) });
  assert.match(other.judgements[0]!.reason!, /run under other criteria/);
});

testInFolder("one attack is carried out once, however much is asked of it", async (folder) => {
  const run = await runTiny(folder, { ...asked, steps: 2 });
  const { tensors } = await leftBehind(run.folder, "linear-s0");
  const ran: string[] = [];
  const device = openCpu("test");
  const counted: Device = {
    ...device,
    async load(programs) {
      const memory = await device.load(programs);
      const run = memory.run.bind(memory);
      memory.run = (program, times = 1) => {
        ran.push(...Array<string>(times).fill(program.name));
        run(program, times);
      };
      return memory;
    },
  };
  const arm = attacked.arms["linear"] as Supervised;
  const net = new AttackedNet(counted, arm, tensors, await mnistStandIn(), 0);
  const attack = attackSchema.parse(PGD);
  for (const what of ["accuracy", "fooled confidence", "wrong confidence"] as const) {
    await net.take({ reading: "attack", attack, images, what });
  }
  await net.take({ reading: "attack", attack: null, images, what: "one class" });
  net.close();
  device.close();
  assert.deepEqual(ran, ["logits", "attack start", ...Array(3).fill("attack step"), "logits"]);
});

Deno.test("the name of an attack in a record has no defaults in it", async () => {
  const short = measureSchema.parse({ measure: "attackedAccuracy", attack: PGD, images });
  const long = measureSchema.parse({
    measure: "attackedAccuracy",
    attack: { ...PGD, restarts: 1, norm: "max", start: "random", loss: "cross-entropy" },
    images,
  });
  const arm = attacked.arms["linear"] as Supervised;
  const keys = (measure: typeof short) => readingsFor(measure, arm).map(readingKey);
  assert.deepEqual(keys(long), keys(short));
  assert.deepEqual(keys(short), [
    '{"attack":{"attack":"pgd","epsilon":0.2,"stepSize":0.05,"steps":3},"images":25,' +
    '"reading":"attack","what":"accuracy"}',
  ]);
  assert.equal(await measureDigest(long as never), await measureDigest(short as never));
});

Deno.test("a measure is absent where its reading says nothing, or the arm cannot be attacked", () => {
  const arm = attacked.arms["linear"] as Supervised;
  const measure = measureSchema.parse(MEASURES.fooled);
  const [reading] = readingsFor(measure, arm) as [Reading];
  const taken = (readings: Record<string, number | null>) =>
    takeMeasure(measure, arm, { evaluations: [], readings });
  assert.equal(taken({ [readingKey(reading)]: 0.75 }), 0.75);
  assert.equal(taken({ [readingKey(reading)]: null }), undefined);
  assert.equal(taken({}), undefined);
  assert.deepEqual(readingsFor(measure, { ...arm, pixels: "standardised" }), []);
});

Deno.test("an attack that cannot be carried out is refused when it is declared", () => {
  const refused = (measure: unknown, message: RegExp, arms = {}) =>
    assert.throws(() => declared(measure as MeasureDeclaration, arms), {
      name: "DeclarationError",
      message,
    });
  const accuracy = { measure: "attackedAccuracy", attack: FGSM, images };
  refused(
    { ...accuracy, attack: { ...FGSM, target: "eight" } },
    /arm "narrow": there is no class "eight"; did you mean .* There are: 0, 1, 2/,
  );
  refused(
    { ...accuracy, attack: { ...FGSM, epsilon: -0.1 } },
    /measures.it.attack.epsilon: epsilon must lie above 0 .* found -0.1/,
  );
  refused(
    { ...accuracy, attack: { ...FGSM, epsilon: 1.1 } },
    /at most at 1, the range of a pixel .* found 1.1/,
  );
  refused({ measure: "reached", attack: FGSM, images }, /only an attack with a target reaches it/);
  const confidence = { measure: "attackConfidence", images };
  refused({ ...confidence, attack: FGSM, of: "reached" }, /only an attack with a target/);
  refused({ ...confidence, attack: null, of: "fooled" }, /no image is fooled without an attack/);
  refused({ ...MEASURES.straight, range: [0.1, -0.1] }, /from a smaller number to a larger one/);
  refused({ ...MEASURES.straight, points: 2 }, /two points are always on a line/);
  const scaled = supervised({ ...DECLARATION.arms.linear, pixels: "standardised" });
  refused(
    { ...accuracy, arms: ["scaled"] },
    /measure "it": arm "scaled" has pixels: "standardised", and an attack's epsilon .*"unit"/,
    { scaled },
  );
  declared({ ...accuracy, measure: "attackedAccuracy" }, { scaled });
});

Deno.test("the estimate counts each attack once, by its steps", async () => {
  const measures = {
    plain: [],
    fgsm: [{ measure: "attackedAccuracy", attack: FGSM }],
    // A clean pass, and the attack, whose confidence is asked for too.
    pgd: [
      { measure: "accuracyLost", attack: { ...PGD, restarts: 2 } },
      { measure: "attackConfidence", attack: { ...PGD, restarts: 2 }, of: "wrong" },
    ],
    noise: [{ measure: "attackedAccuracy", attack: { attack: "noise", epsilon: 0.1 } }],
    line: [MEASURES.straight],
  };
  const experiment = defineExperiment({
    ...DECLARATION,
    claims: [],
    arms: Object.fromEntries(Object.keys(measures).map((arm) => [arm, DECLARATION.arms.narrow])),
    measures: Object.fromEntries(
      Object.entries(measures).flatMap(([arm, own]) =>
        own.map((measure, i) =>
          [`${arm} ${i}`, { ...measure, images: 16, arms: [arm] } as MeasureDeclaration] as const
        )
      ),
    ),
  });
  const cells = await planCells(experiment, { preset: "quick", seeds: [0] });
  const device = openCpu("test");
  const datasets = new Map([["mnist", await mnistStandIn()]]);
  const seconds = await estimateSeconds(device, experiment, cells, datasets);
  device.close();
  // Steps of 16 images: a step of an attack counts 2/3, and a pass 1/3.
  const more = {
    ...{ plain: 0, fgsm: 2 / 3 + 1 / 3, pgd: 2 * (3 * 2 / 3 + 1 / 3) + 1 / 3, noise: 1 / 3 },
    line: 2 / 3 + 5 / 3,
  };
  const perStep = seconds.get("plain-s0")! / (12 + 3 * (20 + 30) / 16 / 3);
  for (const [arm, steps] of Object.entries(more)) {
    const found = (seconds.get(`${arm}-s0`)! - seconds.get("plain-s0")!) / perStep;
    assert.ok(Math.abs(found - steps) < 1e-6, `${arm}: ${found}, not ${steps}`);
  }
});
