import assert from "node:assert/strict";
import { unitPixels } from "../../core/data/pixels.ts";
import { openAttacker } from "../../core/train/attacker.ts";
import { type Line, linearity } from "../../core/train/linearity.ts";
import { cpu, test } from "../ops/harness.ts";
import type { Layer } from "../../core/nn/layers.ts";
import { CLASSES, CONVOLUTION, DATA, IMAGE, LINEAR, tinyTrainer } from "./tiny.ts";

const LINE: Line = { logit: "true", along: "gradient", range: [-0.2, 0.3], points: 11 };

async function attacker(net: readonly Layer[]) {
  const trainer = await tinyTrainer({ net });
  await trainer.train(0, 40);
  const tensors = new Map((await trainer.state()).map(({ name, ...tensor }) => [name, tensor]));
  trainer.close();
  return await openAttacker(cpu, { layers: net, tensors }, { image: IMAGE, classes: DATA.classes });
}

test("the logits of a linear net are straight along any direction", async () => {
  const own = await attacker(LINEAR);
  for (const along of ["gradient", "noise"] as const) {
    for (const logit of ["true", "strongest wrong"] as const) {
      const found = await linearity(own, DATA.test, { ...LINE, along, logit }, 3);
      assert.equal(found.length, 29);
      assert.ok(found.every((r) => r > 1 - 1e-7 && r <= 1 + 1e-12), `${along}: ${found}`);
    }
  }
  own.close();
});

test("a bent logit is held against its straight line", async () => {
  const own = await attacker(CONVOLUTION);
  const gradient = await own.gradient(DATA.test);
  const clean = unitPixels(DATA.test);
  const points = [-0.2, -0.15, -0.1, -0.05, 0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3];
  const lines: number[][] = [];
  for (const e of points) {
    lines.push([...await own.logits(clean.map((x, i) => x + e * Math.sign(gradient[i]!)))]);
  }
  const plain = lines[4]!;
  for (const logit of ["true", "strongest wrong"] as const) {
    const found = await linearity(own, DATA.test, { ...LINE, logit }, 3);
    for (const [i, label] of DATA.test.labels.entries()) {
      const wrong = [0, 1, 2].filter((k) => k !== label)
        .sort((a, b) => plain[i * CLASSES + b]! - plain[i * CLASSES + a]!);
      const at = i * CLASSES + (logit === "true" ? label : wrong[0]!);
      const y = lines.map((logits) => logits[at]!);
      // By least squares: 1 - residual over total.
      const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
      const [xMean, yMean] = [mean(points), mean(y)];
      const slope = points.reduce((sum, x, j) => sum + (x - xMean) * (y[j]! - yMean), 0) /
        points.reduce((sum, x) => sum + (x - xMean) ** 2, 0);
      const rest = y.reduce(
        (sum, v, j) => sum + (v - yMean - slope * (points[j]! - xMean)) ** 2,
        0,
      );
      const total = y.reduce((sum, v) => sum + (v - yMean) ** 2, 0);
      assert.ok(Math.abs(found[i]! - (1 - rest / total)) < 1e-4, `image ${i}: ${found[i]}`);
    }
    assert.ok(Math.min(...found) < 0.999);
  }
  own.close();
});

test("random signs come from the seed, and a logit that never moves has no line", async () => {
  const own = await attacker(CONVOLUTION);
  const noise: Line = { ...LINE, along: "noise" };
  const first = await linearity(own, DATA.test, noise, 3);
  assert.deepEqual(await linearity(own, DATA.test, noise, 3), first);
  assert.notDeepEqual(await linearity(own, DATA.test, noise, 4), first);
  own.close();
  const zero = (shape: number[], length: number) => ({ shape, data: new Float32Array(length) });
  const tensors = new Map([["dense1/weights", zero([16, 3], 48)], ["dense1/bias", zero([3], 3)]]);
  const dead = await openAttacker(cpu, { layers: LINEAR, tensors }, {
    image: IMAGE,
    classes: DATA.classes,
  });
  const none = await linearity(dead, DATA.test, LINE, 3);
  assert.ok(none.every(Number.isNaN));
  dead.close();
});
