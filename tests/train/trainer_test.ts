import assert from "node:assert/strict";
import fc from "fast-check";
import type { Images } from "../../core/data/dataset.ts";
import type { Trainer } from "../../core/train/trainer.ts";
import { ADAM, CLASSES, CONVOLUTION, DATA, LINEAR, NORMALISED, SGD, tinyTrainer } from "./tiny.ts";

/** Accuracy and loss of the linear net in f64, image by image. */
async function byHand(trainer: Trainer, { pixels, labels }: Images, indices: Iterable<number>) {
  const weights = await trainer.weights();
  let hits = 0, loss = 0, count = 0;
  for (const index of indices) {
    const logits = Array.from({ length: CLASSES }, (_, unit) => {
      let sum = weights[16 * CLASSES + unit]!;
      for (let i = 0; i < 16; i++) {
        sum += pixels[index * 16 + i]! / 255 * weights[i * CLASSES + unit]!;
      }
      return sum;
    });
    const label = labels[index]!;
    hits += Number(logits.indexOf(Math.max(...logits)) === label);
    loss += Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0)) - logits[label]!;
    count++;
  }
  return { accuracy: hits / count, loss: loss / count, count };
}

Deno.test("evaluate() counts every image once, whatever the batch leaves over", async () => {
  for (const batch of [1, 7, 8, 29, 40]) {
    const trainer = await tinyTrainer({ net: LINEAR, batch });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("train" as const, "test" as const),
        fc.uniqueArray(fc.nat(28), { minLength: 1 }),
        async (split, chosen) => {
          const indices = Uint32Array.from(chosen);
          const { accuracy, loss, count } = await trainer.evaluate(split, indices);
          const expected = await byHand(trainer, DATA[split], indices);
          assert.equal(count, expected.count);
          assert.equal(accuracy, expected.accuracy);
          assert.ok(Math.abs(loss - expected.loss) < 1e-5, `${loss} is not ${expected.loss}`);
        },
      ),
      { numRuns: 10 },
    );
    trainer.close();
  }
});

Deno.test("evaluate() goes through more batches than one window holds", async () => {
  const trainer = await tinyTrainer({ net: LINEAR, batch: 1 });
  const indices = Uint32Array.from({ length: 150 }, (_, i) => i % 40);
  const { accuracy, loss, count } = await trainer.evaluate("train", indices);
  const expected = await byHand(trainer, DATA.train, indices);
  assert.deepEqual([accuracy, count], [expected.accuracy, 150]);
  assert.ok(Math.abs(loss - expected.loss) < 1e-5);
});

Deno.test("evaluate() leaves the training as it was", async () => {
  for (const net of [CONVOLUTION, NORMALISED]) {
    const trainer = await tinyTrainer({ net });
    await trainer.train(0, 3);
    const before = await trainer.state();
    await trainer.evaluate("test", Uint32Array.of(1, 2, 3));
    assert.deepEqual(await trainer.state(), before);
  }
});

Deno.test("what evaluate() says of an image does not depend on the others of its batch", async () => {
  const trainer = await tinyTrainer({ net: NORMALISED });
  await trainer.train(0, 20);
  const indices = Uint32Array.from({ length: 8 }, (_, i) => i);
  const together = await trainer.evaluate("test", indices);
  let loss = 0;
  for (const index of indices) loss += (await trainer.evaluate("test", Uint32Array.of(index))).loss;
  assert.ok(Math.abs(together.loss - loss / 8) < 1e-6, `${together.loss} is not ${loss / 8}`);
});

/** Trains to the ends of the windows, one after the other. */
async function trained(trainer: Trainer, ends: readonly number[]) {
  const losses: number[] = [];
  let from = 0;
  for (const end of ends) {
    losses.push(...(await trainer.train(from, end)).losses["train"]!);
    from = end;
  }
  return { losses, state: await trainer.state() };
}

Deno.test("how steps are grouped into windows changes no bit", async () => {
  const steps = Array.from({ length: 21 }, (_, i) => i + 1);
  for (const optimiser of [ADAM, SGD]) {
    const expected = await trained(await tinyTrainer({ optimiser }), steps);
    assert.equal(expected.losses.length, 21);
    for (const ends of [[7, 14, 21], [21]]) {
      assert.deepEqual(await trained(await tinyTrainer({ optimiser }), ends), expected);
    }
    await fc.assert(
      fc.asyncProperty(fc.subarray(steps.slice(0, -1)), async (cuts) => {
        assert.deepEqual(await trained(await tinyTrainer({ optimiser }), [...cuts, 21]), expected);
      }),
      { numRuns: 5 },
    );
  }
});

Deno.test("a step reports its batch's mean loss and its largest gradient", async () => {
  const trainer = await tinyTrainer({ net: LINEAR, batch: 40 });
  const before = await byHand(trainer, DATA.train, Array(40).keys());
  const weights = await trainer.weights();
  const { end, losses, largestGradients } = await trainer.train(0, 1);
  assert.equal(end, 1);
  assert.ok(Math.abs(losses["train"]![0]! - before.loss) < 1e-5);
  // The first step of Adam goes by the learning rate wherever there is a gradient.
  const moved = (await trainer.weights()).map((weight, i) => Math.abs(weight - weights[i]!));
  assert.ok(Math.abs(Math.max(...moved) - ADAM.learningRate) < 1e-5);
  assert.ok(largestGradients[0]! > 0 && largestGradients[0]! < 1);
});

Deno.test("training lowers the loss", async () => {
  const trainer = await tinyTrainer({ net: LINEAR });
  const all = Uint32Array.from({ length: 29 }, (_, i) => i);
  const before = await trainer.evaluate("test", all);
  for (let step = 0; step < 150; step += 50) await trainer.train(step, step + 50);
  const after = await trainer.evaluate("test", all);
  assert.ok(after.loss < before.loss / 2, `${after.loss} after ${before.loss}`);
  assert.ok(after.accuracy > 0.8, `${after.accuracy}`);
});

Deno.test("state() is what restore() goes on from, to the same bits", async () => {
  for (const given of [{ optimiser: ADAM }, { optimiser: SGD }, { net: NORMALISED }]) {
    const whole = await tinyTrainer(given);
    const first = await tinyTrainer(given);
    await whole.train(0, 13);
    await first.train(0, 6);
    const saved = await first.state();
    const second = await tinyTrainer({ ...given, seed: 0 });
    second.restore(new Map(saved.map(({ name, ...tensor }) => [name, tensor])));
    assert.deepEqual(await second.state(), saved);
    await second.train(6, 13);
    assert.deepEqual(await second.state(), await whole.state());
  }
});

Deno.test("state() names the parameters, then each moment's", async () => {
  const names = ["conv2d1/weights", "conv2d1/bias", "dense1/weights", "dense1/bias"];
  const shapes = [[3, 3, 1, 2], [2], [2, 3], [3]];
  const trainer = await tinyTrainer();
  const state = await trainer.state();
  assert.deepEqual(
    state.map(({ name }) => name),
    ["", "first moment/", "second moment/"].flatMap((prefix) => names.map((name) => prefix + name)),
  );
  assert.deepEqual(state.map(({ shape }) => shape), [...shapes, ...shapes, ...shapes]);
  const sgd = await tinyTrainer({ optimiser: SGD });
  assert.deepEqual((await sgd.state()).map(({ name }) => name), names);
  const parameters = state.slice(0, 4).flatMap(({ data }) => [...data]);
  assert.deepEqual([...await trainer.weights()], parameters);
});

Deno.test("state() names running moments after the parameters, and training moves them", async () => {
  const trainer = await tinyTrainer({ net: NORMALISED, optimiser: SGD });
  const names = ["conv2d1/weights", "batchNorm1/gamma", "batchNorm1/beta", "dense1/weights"];
  const running = ["batchNorm1/running mean", "batchNorm1/running variance"];
  const moments = async () =>
    (await trainer.state()).filter(({ name }) => running.includes(name)).map((
      { data },
    ) => [...data]);
  assert.deepEqual((await trainer.state()).map(({ name }) => name), [
    ...[...names, "dense1/bias"],
    ...running,
  ]);
  assert.deepEqual(await moments(), [[0, 0], [1, 1]]);
  await trainer.train(0, 1);
  const [mean, variance] = await moments();
  assert.ok(mean!.every((value) => value !== 0) && variance!.every((value) => value !== 1));
  const flat = (await trainer.state()).flatMap(({ data }) => [...data]);
  assert.deepEqual([...await trainer.weights()], flat);
});

for (
  const [what, change, message] of [
    [
      "missing tensor",
      (tensors: Tensors) => tensors.delete("dense1/bias"),
      '"dense1/bias" must be f32 [3], but is missing',
    ],
    [
      "missing moment",
      (tensors: Tensors) => tensors.delete("second moment/conv2d1/bias"),
      '"second moment/conv2d1/bias" must be f32 [2], but is missing',
    ],
    [
      "tensor of another shape",
      (tensors: Tensors) =>
        tensors.set("dense1/weights", { shape: [3, 2], data: new Float32Array(6) }),
      '"dense1/weights" must be f32 [2, 3], not f32 [3, 2]',
    ],
    [
      "tensor of another type",
      (tensors: Tensors) => tensors.set("dense1/bias", { shape: [3], data: new Uint32Array(3) }),
      '"dense1/bias" must be f32 [3], not u32 [3]',
    ],
  ] as const
) {
  Deno.test(`restore() refuses a ${what} by name`, async () => {
    const trainer = await tinyTrainer();
    const tensors: Tensors = new Map(
      (await trainer.state()).map(({ name, ...tensor }) => [name, tensor]),
    );
    change(tensors);
    assert.throws(() => trainer.restore(tensors), {
      name: "TypeError",
      message: `the checkpoint does not fit the net: ${message}`,
    });
  });
}

type Tensors = Map<string, { shape: readonly number[]; data: Float32Array | Uint32Array }>;

Deno.test("another seed gives other parameters and another order of images", async () => {
  const [zero, one] = [await tinyTrainer(), await tinyTrainer({ seed: 1 })];
  const weights = await one.weights();
  const before = await zero.weights();
  assert.ok(weights.some((weight, i) => weight !== before[i]));
  one.restore(new Map((await zero.state()).map(({ name, ...tensor }) => [name, tensor])));
  assert.notDeepEqual((await one.train(0, 1)).losses, (await zero.train(0, 1)).losses);
});

Deno.test("profile() times every dispatch of a step and moves on by one step", async () => {
  const trainer = await tinyTrainer();
  await trainer.train(0, 1);
  const labels = (await trainer.profile()).map(({ label }) => label);
  assert.ok(labels.some((label) => label.startsWith("conv2d1/")), labels.join());
  assert.ok(labels.some((label) => label.startsWith("adam/")), labels.join());
});

Deno.test("a trainer says how many bytes it holds, with and without the images", async () => {
  const trainer = await tinyTrainer({ net: CONVOLUTION });
  const dataBytes = (40 + 29) * (16 + 4);
  assert.equal(trainer.bytes - trainer.bytesBesidesData, dataBytes);
});
