import assert from "node:assert/strict";
import { firstImages, type Images } from "../../core/data/dataset.ts";
import { unitPixels } from "../../core/data/pixels.ts";
import type { Device } from "../../core/device/device.ts";
import type { Layer } from "../../core/nn/layers.ts";
import type { TrainedNet } from "../../core/nn/fold.ts";
import { answersOf } from "../../core/train/answers.ts";
import { type Attack, type AttackDeclaration, attackSchema } from "../../core/train/attack.ts";
import { type Attacker, openAttacker } from "../../core/train/attacker.ts";
import { after, planted } from "../diverge/planted.ts";
import { assertSameBits, cpu, simd, test, webGpu } from "../ops/harness.ts";
import { CLASSES, CONVOLUTION, DATA, IMAGE, LINEAR, NORMALISED, tinyTrainer } from "./tiny.ts";

const FEATURES = 16;
const FORM = { image: IMAGE, classes: DATA.classes, batch: 8 };

/** Learns the tiny images well. */
const MLP: Layer[] = [
  { layer: "flatten" },
  { layer: "dense", units: 16 },
  { layer: "relu" },
  { layer: "dense", units: CLASSES },
];

async function trained(net: readonly Layer[], steps = 40): Promise<TrainedNet> {
  const trainer = await tinyTrainer({ net });
  for (let step = 0; step < steps; step += 40) await trainer.train(step, step + 40);
  const tensors = new Map((await trainer.state()).map(({ name, ...tensor }) => [name, tensor]));
  trainer.close();
  return { layers: net, tensors };
}

async function attacking<T>(
  net: TrainedNet,
  attack: (attacker: Attacker) => Promise<T>,
  device: Device = cpu,
): Promise<T> {
  const attacker = await openAttacker(device, net, FORM);
  try {
    return await attack(attacker);
  } finally {
    attacker.close();
  }
}

const whole = (attack: AttackDeclaration): Attack => attackSchema.parse(attack);
const PGD = { attack: "pgd", epsilon: 0.1, stepSize: 0.03, steps: 5 } as const;

const ATTACKS: Readonly<Record<string, Attack>> = {
  fgsm: whole({ attack: "fgsm", epsilon: 0.1 }),
  "fgsm at a class": whole({ attack: "fgsm", epsilon: 0.1, target: "second" }),
  noise: whole({ attack: "noise", epsilon: 0.3 }),
  pgd: whole(PGD),
  "pgd with restarts": whole({ ...PGD, epsilon: 0.03, stepSize: 0.01, restarts: 4 }),
  "pgd from the image": whole({ ...PGD, start: "image" }),
  "pgd at a class": whole({ ...PGD, target: "third", restarts: 2 }),
  "pgd on the margin": whole({ ...PGD, loss: "margin" }),
  "pgd on the margin at a class": whole({ ...PGD, loss: "margin", target: "first" }),
  "pgd in l2": whole({ ...PGD, epsilon: 0.5, stepSize: 0.1, norm: "l2" }),
  "pgd in l2, far": whole({ ...PGD, epsilon: 9, stepSize: 4, norm: "l2", restarts: 2 }),
  "pgd all the way": whole({ ...PGD, epsilon: 1, stepSize: 1 }),
};

/** Distances of attacked images from those that they are made from. */
function distances(attacked: Float32Array, { pixels, count }: Images) {
  const origins = unitPixels({ pixels });
  return Array.from({ length: count }, (_, i) => {
    const differences = Array.from(
      { length: FEATURES },
      (_, k) => attacked[i * FEATURES + k]! - origins[i * FEATURES + k]!,
    );
    const squares = differences.reduce((sum, d) => sum + d * d, 0);
    return { max: Math.max(...differences.map(Math.abs)), l2: Math.sqrt(squares) };
  });
}

async function accuracy(attacker: Attacker, pixels: Float32Array, { labels, count }: Images) {
  const { classes } = answersOf(await attacker.logits(pixels), CLASSES);
  return classes.filter((answer, i) => answer === labels[i]).length / count;
}

for (const [what, attack] of Object.entries(ATTACKS)) {
  test(`${what} keeps to its ball and to the range of pixels, and moves images`, async () => {
    const net = await trained(CONVOLUTION);
    const found = await attacking(net, (attacker) => attacker.attack(attack, DATA.test, 7));
    assert.equal(found.length, DATA.test.count * FEATURES);
    assert.ok(found.every((pixel) => pixel >= 0 && pixel <= 1));
    const norm = attack.attack === "pgd" ? attack.norm : "max";
    const apart = distances(found, DATA.test).map((distance) => distance[norm]);
    assert.ok(Math.max(...apart) <= attack.epsilon + 2 ** -20, `${Math.max(...apart)}`);
    assert.ok(Math.min(...apart) > 0);
    // Cut at 0 and 1 an image cannot go as far as a large ball reaches.
    if (attack.epsilon < 1) assert.ok(Math.max(...apart) > 0.999 * attack.epsilon);
  });
}

test("every attack, gradients and logits have the same bits on every device", async () => {
  for (const layers of [CONVOLUTION, NORMALISED]) {
    const net = await trained(layers);
    const all = (attacker: Attacker) => [
      () => attacker.gradient(DATA.test),
      () => attacker.logits(unitPixels(DATA.test)),
      ...Object.values(ATTACKS).map((attack) => () => attacker.attack(attack, DATA.test, 3)),
    ];
    await attacking(net, async (judge) => {
      for (const device of [simd, await webGpu()]) {
        await attacking(net, async (attacker) => {
          const expected = all(judge);
          for (const [i, run] of all(attacker).entries()) {
            const what = ["gradient", "logits", ...Object.keys(ATTACKS)][i];
            const name = `${what} on ${device.info.name}`;
            assertSameBits(await run(), await expected[i]!(), name);
          }
        }, device);
      }
    });
  }
});

/** Of softmax regression: the cross-entropy's gradient is weights * (probabilities - one-hot). */
function closedForm({ tensors }: TrainedNet, { pixels, labels, count }: Images): number[] {
  const [weights, bias] = ["weights", "bias"].map((role) => tensors.get(`dense1/${role}`)!.data);
  const x = unitPixels({ pixels });
  return Array.from({ length: count }, (_, i) => {
    const logits = Array.from(bias!, (b, c) =>
      x.subarray(i * FEATURES, (i + 1) * FEATURES)
        .reduce((sum, pixel, k) => sum + pixel * weights![k * CLASSES + c]!, b));
    const exponentials = logits.map(Math.exp);
    const total = exponentials.reduce((sum, e) => sum + e);
    return Array.from({ length: FEATURES }, (_, k) =>
      exponentials.reduce(
        (sum, e, c) => sum + (e / total - Number(c === labels[i])) * weights![k * CLASSES + c]!,
        0,
      ));
  }).flat();
}

test("FGSM of softmax regression is its closed form", async () => {
  const net = await trained(LINEAR);
  const gradient = closedForm(net, DATA.test);
  const epsilon = Math.fround(0.1);
  const [slopes, found] = await attacking(net, async (attacker) =>
    [
      await attacker.gradient(DATA.test),
      await attacker.attack(whole({ attack: "fgsm", epsilon: 0.1 }), DATA.test, 0),
    ] as const);
  const largest = Math.max(...gradient.map(Math.abs));
  const origins = unitPixels(DATA.test);
  let compared = 0;
  gradient.forEach((slope, i) => {
    assert.ok(Math.abs(slopes[i]! - slope) <= 1e-6 * largest, `${slopes[i]}, not ${slope}`);
    if (Math.abs(slope) < 1e-5 * largest) return;
    const moved = Math.fround(origins[i]! + Math.sign(slope) * epsilon);
    assert.equal(found[i], Math.min(1, Math.max(0, moved)), `pixel ${i}`);
    compared++;
  });
  assert.ok(compared > 0.95 * gradient.length, `${compared} of ${gradient.length}`);
});

test("noise moves each pixel by epsilon, up about as often as down, as the seed says", async () => {
  const net = await trained(LINEAR);
  const noise = whole({ attack: "noise", epsilon: 0.25 });
  const grey: Images = {
    pixels: new Uint8Array(29 * FEATURES).fill(51),
    labels: DATA.test.labels,
    count: 29,
  };
  const [found, again, other] = await attacking(net, async (attacker) => [
    await attacker.attack(noise, grey, 1),
    await attacker.attack(noise, grey, 1),
    await attacker.attack(noise, grey, 2),
  ]);
  const up = Math.fround(Math.fround(0.2) + 0.25);
  assert.deepEqual(new Set(found), new Set([0, up]));
  const share = found!.filter((pixel) => pixel === up).length / found!.length;
  assert.ok(share > 0.43 && share < 0.57, `${share}`);
  assertSameBits(again!, found!, "the same seed");
  assert.notDeepEqual(other, found);
});

test("what is random is another for each image and batch", async () => {
  const net = await trained(LINEAR);
  const grey: Images = {
    pixels: new Uint8Array(29 * FEATURES).fill(51),
    labels: new Uint8Array(29),
    count: 29,
  };
  for (const attack of [whole({ attack: "noise", epsilon: 0.1 }), whole(PGD)]) {
    const found = await attacking(net, (attacker) => attacker.attack(attack, grey, 1));
    const each = Array.from(
      { length: 29 },
      (_, i) => found.subarray(i * FEATURES, (i + 1) * FEATURES),
    );
    assert.equal(new Set(each.map(String)).size, 29, attack.attack);
  }
});

test("an image that a device moves out of its bounds is no attacked image", async () => {
  const net = await trained(LINEAR);
  const broken = planted(cpu, after("attack_step", ([, , , , y]) => y![3 * FEATURES]! += 2));
  for (const what of ["fgsm", "noise", "pgd"]) {
    await assert.rejects(
      attacking(net, (attacker) => attacker.attack(ATTACKS[what]!, DATA.test, 0), broken),
      { name: "RangeError", message: /^image 3 under .* the attack is broken$/ },
    );
  }
});

test("PGD is at least as strong as FGSM, which is stronger than noise; a large ball fools all", async () => {
  const net = await trained(MLP, 240);
  await attacking(net, async (attacker) => {
    const under = async (attack: AttackDeclaration) =>
      await accuracy(attacker, await attacker.attack(whole(attack), DATA.train, 0), DATA.train);
    const clean = await accuracy(attacker, unitPixels(DATA.train), DATA.train);
    const epsilon = 0.15;
    const noise = await under({ attack: "noise", epsilon });
    const fgsm = await under({ attack: "fgsm", epsilon });
    const pgd = await under({ ...PGD, epsilon, stepSize: 0.03, steps: 20, restarts: 3 });
    const margin = await under({ ...PGD, epsilon, steps: 20, loss: "margin" });
    assert.ok(clean > 0.9, `${clean}`);
    assert.ok(noise > fgsm && fgsm < clean - 0.2, `noise ${noise}, fgsm ${fgsm}`);
    assert.ok(pgd <= fgsm && margin <= fgsm, `pgd ${pgd}, margin ${margin}, fgsm ${fgsm}`);
    assert.equal(await under({ ...PGD, epsilon: 1, stepSize: 0.1, steps: 40 }), 0);
  });
});

test("a targeted attack reaches its class, by either loss", async () => {
  const net = await trained(MLP, 240);
  await attacking(net, async (attacker) => {
    for (const loss of ["cross-entropy", "margin"] as const) {
      for (const [index, target] of DATA.classes.entries()) {
        const attack = whole({ ...PGD, epsilon: 0.6, stepSize: 0.1, steps: 20, loss, target });
        const logits = await attacker.logits(await attacker.attack(attack, DATA.test, 0));
        const { classes } = answersOf(logits, CLASSES);
        assert.ok(classes.every((answer) => answer === index), `${target} by ${loss}: ${classes}`);
      }
    }
  });
});

for (const target of [undefined, "first"]) {
  const goal = target === undefined ? "fools the net" : "reaches the target";
  test(`an image keeps the first restart that ${goal}, else the last`, async () => {
    const net = await trained(MLP, 240);
    const restarts = 5;
    // One small step from a random start comes to its goal from some starts only.
    const few = { ...PGD, epsilon: 0.3, stepSize: 0.02, steps: 1, target } as const;
    await attacking(net, async (attacker) => {
      const runs: Float32Array[] = [];
      const done: boolean[][] = [];
      for (let n = 1; n <= restarts; n++) {
        const run = await attacker.attack(whole({ ...few, restarts: n }), DATA.train, 5);
        const { classes } = answersOf(await attacker.logits(run), CLASSES);
        runs.push(run);
        done.push(
          Array.from(
            classes,
            (answer, i) => target === undefined ? answer !== DATA.train.labels[i] : answer === 0,
          ),
        );
      }
      const counts = done.map((own) => own.filter(Boolean).length);
      assert.ok(counts.at(-1)! > counts[0]! && counts.at(-1)! < DATA.train.count, `${counts}`);
      for (let n = 1; n < restarts; n++) {
        for (let i = 0; i < DATA.train.count; i++) {
          const [before, now] = [runs[n - 1]!, runs[n]!].map((run) =>
            run.subarray(i * FEATURES, (i + 1) * FEATURES)
          );
          if (done[n - 1]![i]) assert.deepEqual(now, before, "it is kept");
          else assert.notDeepEqual(now, before, "it is tried again");
        }
      }
    });
  });
}

test("the first images are attacked as they would be alone, the same in every call", async () => {
  const net = await trained(CONVOLUTION);
  await attacking(net, async (attacker) => {
    for (const [what, attack] of Object.entries(ATTACKS)) {
      const all = await attacker.attack(attack, DATA.test, 4);
      for (const count of [1, 8, 19]) {
        const some = await attacker.attack(attack, firstImages(DATA.test, count), 4);
        assertSameBits(some, all.subarray(0, count * FEATURES), `${what} of ${count}`);
      }
    }
  });
});

test("what draws nothing is independent of the size of a batch", async () => {
  const net = await trained(NORMALISED);
  const one = await openAttacker(cpu, net, { ...FORM, batch: 29 });
  for (const what of ["fgsm", "fgsm at a class", "pgd from the image"]) {
    const expected = await attacking(
      net,
      (attacker) => attacker.attack(ATTACKS[what]!, DATA.test, 4),
    );
    assertSameBits(await one.attack(ATTACKS[what]!, DATA.test, 4), expected, what);
  }
  one.close();
});

test("nothing is compiled anew for another epsilon, step size or number of steps", async () => {
  const net = await trained(LINEAR);
  let loads = 0;
  const counted: Device = {
    ...{ info: cpu.info, close: () => {} },
    load(programs) {
      loads++;
      return cpu.load(programs);
    },
  };
  await attacking(net, async (attacker) => {
    await attacker.attack(ATTACKS["pgd"]!, DATA.test, 0);
    const first = loads;
    for (const what of ["fgsm", "pgd from the image", "pgd at a class", "pgd all the way"]) {
      await attacker.attack(ATTACKS[what]!, DATA.test, 0);
    }
    assert.equal(loads, first);
  }, counted);
});

test("what does not fit is refused by name", async () => {
  const net = await trained(LINEAR);
  await attacking(net, async (attacker) => {
    const far = whole({ attack: "fgsm", epsilon: 0.1, target: "forth" });
    await assert.rejects(attacker.attack(far, DATA.test, 0), {
      name: "RangeError",
      message: 'there is no class "forth" to aim at; there are: first, second, third',
    });
    const cut = { ...DATA.test, pixels: DATA.test.pixels.subarray(1) };
    await assert.rejects(
      attacker.attack(ATTACKS["fgsm"]!, cut, 0),
      /29 images of 4 x 4 x 1 have 464/,
    );
    const odd = { ...DATA.test, labels: new Uint8Array(29).fill(3) };
    await assert.rejects(attacker.gradient(odd), /image 0 has the label 3, and the net tells 3/);
    await assert.rejects(attacker.logits(new Float32Array(17)), /17 pixels are not whole images/);
  });
  const other = { layers: CONVOLUTION, tensors: net.tensors };
  await assert.rejects(openAttacker(cpu, other, FORM), { name: "TypeError", message: /conv2d1/ });
  await assert.rejects(openAttacker(cpu, net, { ...FORM, classes: ["a", "b"] }), {
    name: "ShapeError",
    message: /the net's output is \[8, 3\], but 2 classes at batch 8 need \[8, 2\]/,
  });
  await assert.rejects(openAttacker(cpu, net, { ...FORM, pixels: "standardised" }), {
    name: "TypeError",
    message: /pixels: "standardised", and an attack's epsilon is a share of the range 0..1/,
  });
});
