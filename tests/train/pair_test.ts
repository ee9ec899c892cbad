import assert from "node:assert/strict";
import fc from "fast-check";
import type { Device } from "../../core/device/device.ts";
import { normal, stream } from "../../core/random/streams.ts";
import type { AdversarialConfig } from "../../core/train/adversarial.ts";
import type { PairTrainer } from "../../core/train/pair.ts";
import { cpu, simd, test, webGpu } from "../ops/harness.ts";
import { DATA } from "./tiny.ts";
import { byName, CONVOLUTIONAL, DENSE, DROPPING, tinyPair } from "./tiny_pair.ts";

const PAIRS = { CONVOLUTIONAL, DROPPING, DENSE };

/** Trains to the ends of windows, one after the other, and tells everything that came of it. */
async function trained(trainer: PairTrainer, ends: readonly number[], from = 0) {
  const losses: Record<string, number[]> = { discriminator: [], generator: [] };
  const largestGradients: number[] = [];
  for (const end of ends) {
    const result = await trainer.train(from, end);
    assert.equal(result.end, end);
    for (const [net, values] of Object.entries(result.losses)) losses[net]!.push(...values);
    largestGradients.push(...result.largestGradients);
    from = end;
  }
  return { losses, largestGradients, state: await trainer.state() };
}

async function course(device: Device, config: AdversarialConfig, seed = 0) {
  const { trainer } = await tinyPair(config, { device, seed });
  const drawn = await trainer.weights();
  const told = await trained(trainer, [1, 2, 3, 7]);
  trainer.close();
  return { drawn, ...told };
}

for (const [name, config] of Object.entries(PAIRS)) {
  test(`7 steps of the pair ${name} give the same bits on every device, twice`, async () => {
    const expected = await course(cpu, config);
    assert.deepEqual(await course(simd, config), expected);
    assert.deepEqual(await course(await webGpu(), config), expected);
    assert.deepEqual(await course(await webGpu(), config), expected);
    const other = await course(await webGpu(), config, 1);
    assert.ok(
      other.losses["generator"]!.every((loss, i) => loss !== expected.losses["generator"]![i]),
    );
  });
}

/** Losses of the dense pair in f64 at the parameters that it has, and its next discriminator. */
function byHand(state: ReturnType<typeof byName>, images: readonly number[], step: number) {
  const of = (name: string) => Array.from(state.get(name)!.data as Float32Array);
  const [weights, bias] = [of("generator/dense1/weights"), of("generator/dense1/bias")];
  const taken = of("discriminator/dense1/weights");
  const offset = of("discriminator/dense1/bias")[0]!;
  const generated = (use: string) => {
    const source = stream(0, `noise/codes, ${use}`);
    return Array.from({ length: 8 }, (_, image) =>
      Array.from({ length: 16 }, (_, pixel) => {
        let sum = bias[pixel]!;
        for (let i = 0; i < 2; i++) {
          sum += normal(source, step, image * 2 + i) * weights[i * 16 + pixel]!;
        }
        return 1 / (1 + Math.exp(-sum));
      }));
  };
  const real = images.map((image) =>
    Array.from(DATA.train.pixels.subarray(image * 16, (image + 1) * 16), (byte) => byte / 255)
  );
  const told = [
    ...real.map((x) => [x, 1] as const),
    ...generated("beside real ones").map((x) => [x, 0] as const),
  ];
  let loss = 0;
  const next = { weights: [...taken], bias: offset };
  for (const [x, label] of told) {
    const logit = x.reduce((sum, value, i) => sum + value * taken[i]!, offset);
    const answer = 1 / (1 + Math.exp(-logit));
    loss -= Math.log(label ? answer : 1 - answer) / 16;
    const slope = (answer - label) / 16 * 0.1;
    x.forEach((value, i) => next.weights[i]! -= slope * value);
    next.bias -= slope;
  }
  const fooled = generated("labelled real").reduce((sum, x) => {
    const logit = x.reduce((sum, value, i) => sum + value * next.weights[i]!, next.bias);
    return sum + Math.log(1 + Math.exp(-logit)) / 8;
  }, 0);
  return { loss, fooled, next };
}

test("the losses are those of either net, the generator's after the discriminator's step", async () => {
  const order = {
    stepsPerEpoch: 5,
    batch: (step: number) => Uint32Array.from({ length: 8 }, (_, i) => 8 * step + i),
  };
  const { trainer } = await tinyPair(DENSE, { order });
  for (let step = 0; step < 5; step++) {
    const before = byName(structuredClone(await trainer.state()));
    const { losses } = await trainer.train(step, step + 1);
    const { loss, fooled, next } = byHand(before, [...order.batch(step)], step);
    assert.ok(Math.abs(losses["discriminator"]![0]! - loss) < 1e-5);
    assert.ok(Math.abs(losses["generator"]![0]! - fooled) < 1e-5);
    const after = byName(await trainer.state()).get("discriminator/dense1/weights")!.data;
    next.weights.forEach((weight, i) => assert.ok(Math.abs(after[i]! - weight) < 1e-6));
  }
});

test("how steps of a pair are grouped into windows changes no bit", async () => {
  const steps = Array.from({ length: 21 }, (_, i) => i + 1);
  for (const config of Object.values(PAIRS)) {
    const fresh = async () => (await tinyPair(config)).trainer;
    const expected = await trained(await fresh(), steps);
    assert.equal(expected.losses["generator"]!.length, 21);
    assert.deepEqual(await trained(await fresh(), [21]), expected);
    await fc.assert(
      fc.asyncProperty(fc.subarray(steps.slice(0, -1)), async (cuts) => {
        assert.deepEqual(await trained(await fresh(), [...cuts, 21]), expected);
      }),
      { numRuns: 4 },
    );
  }
});

test("a pair goes on from its saved state to the same bits", async () => {
  for (const config of Object.values(PAIRS)) {
    const { trainer: whole } = await tinyPair(config);
    await whole.train(0, 13);
    const { trainer: first } = await tinyPair(config);
    await first.train(0, 6);
    const saved = await first.state();
    const { trainer: second } = await tinyPair(config);
    await second.train(0, 3);
    second.restore(byName(saved));
    assert.deepEqual(await second.state(), saved);
    await second.train(6, 13);
    assert.deepEqual(await second.state(), await whole.state());
  }
});

test("the state of a pair names the nets' parameters, running moments and optimisers' moments", async () => {
  const { trainer } = await tinyPair();
  const names = (await trainer.state()).map(({ name }) => name);
  const [ofGenerator, ofDiscriminator] = [
    [
      "conv2dTranspose1/weights",
      "batchNorm1/gamma",
      "batchNorm1/beta",
      "conv2dTranspose2/weights",
      "conv2dTranspose2/bias",
    ],
    ["conv2d1/weights", "batchNorm1/gamma", "batchNorm1/beta", "conv2d2/weights", "conv2d2/bias"],
  ].map((names, i) => names.map((name) => `${["generator", "discriminator"][i]}/${name}`));
  const running = (net: string) =>
    ["mean", "variance"].map((moment) => `${net}/batchNorm1/running ${moment}`);
  assert.deepEqual(names, [
    ...ofGenerator!,
    ...running("generator"),
    ...["first moment/", "second moment/"].flatMap((prefix) =>
      ofGenerator!.map((name) => prefix + name)
    ),
    ...ofDiscriminator!,
    ...running("discriminator"),
    ...ofDiscriminator!.map((name) => `mean square/${name}`),
  ]);
  assert.equal(new Set(names).size, names.length);
  const tensors = byName(await trainer.state());
  const own = [
    ...ofGenerator!,
    ...running("generator"),
    ...ofDiscriminator!,
    ...running("discriminator"),
  ];
  assert.deepEqual(
    [...await trainer.weights()],
    own.flatMap((name) => [...tensors.get(name)!.data]),
  );
});

test("restore() refuses a pair's state that lacks a tensor of either net, by name", async () => {
  const { trainer } = await tinyPair();
  for (
    const name of ["generator/batchNorm1/running mean", "mean square/discriminator/conv2d2/bias"]
  ) {
    const tensors = byName(await trainer.state());
    tensors.delete(name);
    assert.throws(() => trainer.restore(tensors), {
      name: "TypeError",
      message: new RegExp(
        `^the checkpoint does not fit the net: "${name}" must be f32 .* missing$`,
      ),
    });
  }
});

test("profile() times the dispatches of both halves of a step", async () => {
  const { trainer } = await tinyPair();
  await trainer.train(0, 1);
  const labels = (await trainer.profile()).map(({ label }) => label);
  for (const part of ["discriminator/", "generator/", "adam/", "rmsprop/", "codes/"]) {
    assert.ok(labels.some((label) => label.startsWith(part)), `${part} of ${labels.join()}`);
  }
});

test("a pair says how many bytes it holds, with and without the images", async () => {
  const { trainer } = await tinyPair();
  assert.equal(trainer.bytes - trainer.bytesBesidesData, (40 + 270) * 16);
});

test("a discriminator that is sure has a loss of 0, and nothing is the matter", async () => {
  const { trainer } = await tinyPair(DENSE);
  const tensors = byName(await trainer.state());
  // Bright images are real, dark ones generated, by a margin that f32 cannot tell from certainty.
  const fill = (name: string, value: number) => {
    const { shape, data } = tensors.get(name)!;
    tensors.set(name, { shape, data: new Float32Array(data.length).fill(value) });
  };
  fill("generator/dense1/weights", 0);
  fill("generator/dense1/bias", -30);
  fill("discriminator/dense1/weights", 200);
  fill("discriminator/dense1/bias", -200);
  trainer.restore(tensors);
  const { losses, largestGradients } = await trainer.train(0, 3);
  assert.deepEqual(losses["discriminator"], [0, 0, 0]);
  assert.ok(losses["generator"]!.every((loss) => loss > 100 && Number.isFinite(loss)));
  assert.ok(largestGradients.every(Number.isFinite));
});
