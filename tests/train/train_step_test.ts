/**
 * The promise at its smallest: five training steps of the cnn experiment's declared nets give the
 * digests written down here on every device. CI runs this file once on lavapipe and once on
 * SwiftShader, each beside the cpu device.
 */
import assert from "node:assert/strict";
import { cifar10StandIn } from "../../core/data/stand_in_cifar10.ts";
import type { Device } from "../../core/device/device.ts";
import type { Supervised } from "../../core/experiment/arms/arm.ts";
import { planCells } from "../../core/experiment/plan.ts";
import { openCell } from "../../core/experiment/cells/supervised_cell.ts";
import { digestOfFloats } from "../../core/numerics/digest.ts";
import cnn from "../../experiments/cnn/mod.ts";
import { cpu, simd, test, webGpu } from "../ops/harness.ts";

const STEPS = 5;
const data = await cifar10StandIn();
const cells = await planCells(cnn, {
  preset: "quick",
  arms: ["reference", "dense"],
  steps: STEPS,
  set: { batch: 16 },
});

/** Digests of the weights: as drawn, then after each step. */
async function chain(device: Device, arm: Supervised, seed: number): Promise<string[]> {
  const { trainer } = await openCell(device, arm, seed, data);
  try {
    trainer.initialise();
    const digests = [await digestOfFloats(await trainer.weights())];
    for (let step = 0; step < STEPS; step++) {
      await trainer.train(step, step + 1);
      digests.push(await digestOfFloats(await trainer.weights()));
    }
    return digests;
  } finally {
    trainer.close();
  }
}

const AFTER_5_STEPS: Readonly<Record<string, string>> = {
  reference: "e4152f727b01459b500e4461bc17702d0a44aff4b34c64079ac53e00b045ba71",
  dense: "c8fd80a20409ea6fb71a96b60bd9b40cd0b6dda22f136dc5c82d7f41c525283f",
};

for (const { arm, config } of cells) {
  test(
    `5 steps of the ${arm} arm at batch 16 give the same digests on WebGPU, twice, and on cpu; ` +
      "another seed gives others",
    async () => {
      const device = await webGpu();
      const expected = await chain(cpu, config as Supervised, 0);
      assert.equal(expected.at(-1), AFTER_5_STEPS[arm]);
      assert.equal(new Set(expected).size, STEPS + 1);
      assert.deepEqual(await chain(simd, config as Supervised, 0), expected);
      assert.deepEqual(await chain(device, config as Supervised, 0), expected);
      assert.deepEqual(await chain(device, config as Supervised, 0), expected);
      const other = await chain(device, config as Supervised, 1);
      assert.ok(other.every((digest) => !expected.includes(digest)));
    },
  );
}

for (const pixels of ["raw", "standardised"] as const) {
  test(`5 steps on ${pixels} pixels, weights drawn by an arm's factor, are the same on WebGPU and on cpu`, async () => {
    const [cell] = await planCells(cnn, {
      preset: "quick",
      arms: ["reference"],
      steps: STEPS,
      set: { batch: 16, subset: 200, pixels, weights: { he: 0.5 } },
    });
    const arm = cell!.config as Supervised;
    const expected = await chain(simd, arm, 0);
    assert.equal(new Set(expected).size, STEPS + 1);
    assert.deepEqual(await chain(cpu, arm, 0), expected);
    assert.deepEqual(await chain(await webGpu(), arm, 0), expected);
  });
}
