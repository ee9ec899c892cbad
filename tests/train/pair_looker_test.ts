import assert from "node:assert/strict";
import type { Device } from "../../core/device/device.ts";
import { normal, stream } from "../../core/random/streams.ts";
import { LOOK_BATCH } from "../../core/train/look.ts";
import type { Looked, PairLooker } from "../../core/train/pair_looker.ts";
import { assertClose } from "../ops/gradient.ts";
import { cpu, simd, test, webGpu } from "../ops/harness.ts";
import { DATA, SGD, tinyImages, tinyTrainer } from "./tiny.ts";
import { byName, CONVOLUTIONAL, DENSE, DROPPING, HELD_OUT, layers, tinyPair } from "./tiny_pair.ts";

const NET = layers(
  { layer: "flatten" },
  { layer: "dense", units: 5 },
  { layer: "relu" },
  { layer: "dense", units: 3 },
);
const YARDSTICK = { net: NET, features: "relu1" };

/** A classifier that has learned something, and its tensors. */
async function judge() {
  const trainer = await tinyTrainer({ net: NET, optimiser: SGD });
  await trainer.train(0, 60);
  return { trainer, tensors: byName(await trainer.state()) };
}

const { trainer: classifier, tensors } = await judge();

function judged(config = CONVOLUTIONAL, more: Parameters<typeof tinyPair>[1] = {}) {
  return tinyPair(config, { yardstick: YARDSTICK, judge: tensors, ...more });
}

/** Features and probabilities of images in f64, values in 0..1. */
function byHand(images: ArrayLike<number>) {
  const of = (name: string) => tensors.get(`dense${name}`)!.data as Float32Array;
  const [w1, b1, w2, b2] = [of("1/weights"), of("1/bias"), of("2/weights"), of("2/bias")];
  const features: number[] = [], probabilities: number[] = [];
  for (let at = 0; at < images.length; at += 16) {
    const units = Array.from(b1, (bias, unit) => {
      let sum = bias;
      for (let i = 0; i < 16; i++) sum += images[at + i]! * w1[i * 5 + unit]!;
      return Math.max(0, sum);
    });
    const powers = Array.from(
      b2,
      (bias, k) => Math.exp(units.reduce((sum, unit, i) => sum + unit * w2[i * 3 + k]!, bias)),
    );
    const total = powers.reduce((sum, power) => sum + power);
    features.push(...units);
    probabilities.push(...powers.map((power) => power / total));
  }
  return { features, probabilities };
}

const PIXELS = Float32Array.from(HELD_OUT.pixels, (byte) => byte / 255);

test("the yardstick sees real images in order, the last partial batch included", async () => {
  const { looker } = await judged();
  const real = { ...await looker.look("real", 270), ...await looker.look("known", 270) };
  const { features, probabilities } = byHand(PIXELS);
  assert.deepEqual([real.count, real.features!.length, real.probabilities!.length], [
    270,
    270 * 5,
    270 * 3,
  ]);
  assertClose(real.features!, features, "the features");
  assertClose(real.probabilities!, probabilities, "the probabilities");
  // The same net, asked as a classifier: how many of them does it recognise?
  const indices = Uint32Array.from(DATA.train.labels.keys());
  const { looker: other } = await judged(CONVOLUTIONAL, { heldOut: DATA.train });
  const answers = (await other.look("known", 40)).probabilities!;
  const hits = indices.reduce((sum, image) => {
    const row = Array.from(answers.subarray(3 * image, 3 * image + 3));
    return sum + Number(row.indexOf(Math.max(...row)) === DATA.train.labels[image]);
  }, 0);
  assert.equal(hits / 40, (await classifier.evaluate("train", indices)).accuracy);
  for (const count of [1, 249, 250, 251]) {
    const fewer = { ...await looker.look("real", count), ...await looker.look("known", count) };
    assert.deepEqual(fewer.features, real.features!.slice(0, count * 5));
    assert.deepEqual(fewer.logits, real.logits!.slice(0, count));
  }
});

test("the yardstick sees generated images as they are told, and noise of its own", async () => {
  for (const config of [CONVOLUTIONAL, DENSE]) {
    const { looker } = await judged(config);
    const { images, features, probabilities } = await looker.look("generated", 7);
    assert.equal(images!.length, 7 * 16);
    assert.ok(images!.every((value) => value >= 0 && value <= 1));
    assertClose(features!, byHand(images!).features, "the features");
    assertClose(probabilities!, byHand(images!).probabilities, "the probabilities");
  }
  const noise = async (seed: number) =>
    await (await judged(DENSE, { seed })).looker.look("noise", 300);
  const found = await noise(0);
  assert.deepEqual(Object.keys(found).sort(), ["count", "features", "probabilities"]);
  assert.deepEqual(await noise(1), found);
  const [first, second] = [found.features!.slice(0, 250), found.features!.slice(1250)];
  assert.notDeepEqual(first, second);
});

test("codes are always the same for a seed, others for another, and begin every look", async () => {
  const { looker, trainer } = await judged();
  const codes = looker.codes(260);
  assert.equal(codes.length, 260 * 3);
  assert.deepEqual(codes.slice(0, 30), looker.codes(10));
  assert.deepEqual((await judged()).looker.codes(260), codes);
  assert.deepEqual((await judged(DENSE)).looker.codes(3), codes.slice(0, 6));
  const others = (await judged(CONVOLUTIONAL, { seed: 1 })).looker.codes(260);
  assert.ok(others.every((code, i) => code !== codes[i]));
  const source = stream(0, "look/codes");
  assert.equal(codes[750], normal(source, 1, 0));
  const { images } = await looker.look("generated", 260);
  assert.deepEqual(await looker.generate(codes), images);
  assert.deepEqual((await looker.look("generated", 260)).images, images);
  await trainer.train(0, 3);
  assert.notDeepEqual((await looker.look("generated", 260)).images, images);
  assert.deepEqual(looker.codes(260), codes);
});

test("the discriminator answers by its running moments, and its losses are told the truth", async () => {
  for (const config of [CONVOLUTIONAL, DROPPING, DENSE]) {
    const { looker, trainer } = await tinyPair(config);
    await trainer.train(0, 10);
    for (const [kind, label] of [["real", 1], ["generated", 0]] as const) {
      const { logits, losses, features } = await looker.look(kind, 20);
      assert.equal(features, undefined);
      const expected = Array.from(logits!, (x) => Math.log(1 + Math.exp(label ? -x : x)));
      assertClose(losses!, expected, `the losses of ${kind} images`);
      // Each image by itself: nothing hangs on the others of its batch.
      assert.deepEqual((await looker.look(kind, 3)).logits, logits!.slice(0, 3));
    }
  }
  const { looker } = await tinyPair(DENSE);
  await assert.rejects(looker.look("noise", 1), /no yardstick to look at noise with/);
});

/** Everything that a look tells. */
async function everything(looker: PairLooker): Promise<readonly Looked[]> {
  const kinds = ["generated", "real", "known", "noise"] as const;
  const looked: Looked[] = [];
  for (const kind of kinds) looked.push(await looker.look(kind, 260));
  return looked;
}

test("a look changes nothing of the training, before it and after", async () => {
  for (const device of [cpu, simd, await webGpu()]) {
    for (const config of [CONVOLUTIONAL, DROPPING]) {
      const { trainer: alone } = await judged(config, { device });
      const { trainer, looker } = await judged(config, { device, activations: true });
      const told = [];
      for (const pair of [alone, trainer]) {
        const before = [await pair.train(0, 3), await pair.weights(), await pair.state()];
        if (pair === trainer) {
          await everything(looker);
          await looker.activations();
          await looker.generate(looker.codes(3));
        }
        const after = [await pair.weights(), await pair.state()];
        told.push([before, after, await pair.train(3, 8), await pair.state()]);
        assert.deepEqual(after, before.slice(1));
      }
      assert.deepEqual(told[1], told[0]);
      alone.close();
      trainer.close();
    }
  }
});

test("a look gives the same bits on every device", async () => {
  const on = async (device: Device) => {
    const { trainer, looker } = await judged(DROPPING, { device, activations: true });
    await trainer.train(0, 5);
    const told = [await everything(looker), await looker.activations()];
    trainer.close();
    return told;
  };
  const expected = await on(cpu);
  assert.deepEqual(await on(simd), expected);
  assert.deepEqual(await on(await webGpu()), expected);
});

test("hidden activations come by net and layer, the discriminator's of both kinds of images", async () => {
  const { looker } = await judged(CONVOLUTIONAL, { activations: true });
  const found = await looker.activations();
  assert.deepEqual(
    Array.from(found, ([name, outputs]) => [name, outputs.length]),
    [["generator/relu1", LOOK_BATCH * 12], ["discriminator/leakyRelu1", 2 * LOOK_BATCH * 12]],
  );
  assert.ok(found.get("generator/relu1")!.every((output) => output >= 0));
  assert.equal((await (await judged()).looker.activations()).size, 0);
});

test("of fewer real images than a batch only their activations are told", async () => {
  const few = tinyImages("few", 30);
  const hidden = async (heldOut: typeof few) =>
    (await (await judged(CONVOLUTIONAL, { heldOut, activations: true })).looker.activations())
      .get("discriminator/leakyRelu1")!;
  const found = await hidden(few);
  assert.equal(found.length, (LOOK_BATCH + 30) * 12);
  const twice = { ...few, count: 20, pixels: few.pixels.slice(0, 20 * 16) };
  assert.deepEqual((await hidden(twice)).slice(-20 * 12), found.slice(-30 * 12, -10 * 12));
});

test("a yardstick's tensor that is missing or of another shape is refused by name", async () => {
  for (
    const [change, words] of [
      [(of: typeof tensors) => of.delete("dense2/bias"), "is missing"],
      [
        (of: typeof tensors) => of.set("dense2/bias", { shape: [4], data: new Float32Array(4) }),
        /not f32 \[4\]/,
      ],
    ] as const
  ) {
    const changed = new Map(tensors);
    change(changed);
    await assert.rejects(judged(DENSE, { judge: changed }), {
      name: "TypeError",
      message: new RegExp(`"dense2/bias" must be f32 \\[3\\].*${new RegExp(words).source}`),
    });
  }
});
