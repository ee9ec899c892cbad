import assert from "node:assert/strict";
import { mnistStandIn } from "../../core/data/stand_in_mnist.ts";
import type { Supervised } from "../../core/experiment/arms/arm.ts";
import { shownIn } from "../../core/experiment/cells/open_training.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import { planCells } from "../../core/experiment/plan.ts";
import { DECLARATION, leftBehind, runTiny, testInFolder, Watch } from "./tiny.ts";

const { narrow, linear } = DECLARATION.arms;
const virtual = { epsilon: 2, xi: 0.5, batch: 24 };

/** 32 labelled images of 64. */
const experiment = defineExperiment({
  ...DECLARATION,
  arms: {
    narrow: { ...narrow, subset: 32 },
    linear,
    virtual: { ...narrow, subset: 32, virtual },
    poisoned: {
      ...narrow,
      subset: 32,
      virtual,
      poison: { how: "near-copies", share: 0.5 },
    },
  },
});
const asked = { experiment, seeds: [3], arms: ["narrow", "virtual", "poisoned"] };

Deno.test("images without labels are all training images, in an order of their own", async () => {
  const published = await mnistStandIn();
  const cells = await planCells(experiment, { preset: "quick", ...asked });
  const [plain, virtual, poisoned] = cells.map(({ config, seed }) =>
    shownIn(config as Supervised, seed, published).order
  );
  const steps = [0, 1, 2, 3, 7, 50];
  const batches = (order: typeof plain) => steps.map((step) => [...order!.batch(step)]);
  assert.deepEqual(batches(virtual), batches(plain));
  assert.equal(plain!.unlabelled, undefined);
  const labelled = new Set(batches(plain).flat());
  assert.equal(labelled.size, 32);

  const seen = (order: typeof plain) => [...order!.unlabelled!(0), ...order!.unlabelled!(1)];
  assert.equal(new Set(seen(virtual)).size, 48, "two batches of 64 images, none twice");
  assert.ok(seen(virtual).some((index) => !labelled.has(index)));
  const { config } = cells[0]!;
  const labelledBy = (batch: number) =>
    shownIn({ ...config, subset: undefined, batch } as Supervised, 3, published).order.batch(0);
  const all = new Set(labelledBy(64));
  assert.notDeepEqual(virtual!.unlabelled!(0), labelledBy(24), "not in the labelled images' order");
  assert.ok(seen(virtual).every((index) => all.has(index)), "none that validate");
  assert.deepEqual(seen(poisoned), seen(virtual), "no copies among them");
  assert.notDeepEqual(virtual!.unlabelled!(2), virtual!.unlabelled!(0), "shuffled anew");
});

testInFolder("a cell of virtual training resumes to the same bits", async (folder) => {
  const whole = await runTiny(folder, asked);
  const ends = whole.cells.map(({ progress }) => progress.chain.at(-1)![1]);
  assert.equal(new Set(ends).size, 3);
  for (const stopAfter of [1, 7]) {
    const watch = new Watch(stopAfter);
    const stopped = await runTiny(folder, { ...asked, arms: ["virtual"], watch });
    assert.ok(!stopped.complete);
    const resumed = await runTiny(folder, { resume: stopped.folder, experiment });
    assert.deepEqual(
      await leftBehind(resumed.folder, "virtual-s3"),
      await leftBehind(whole.folder, "virtual-s3"),
    );
  }
});

testInFolder("virtual training that is none is refused in words", async (folder) => {
  const refused = (given: object, message: RegExp) =>
    assert.throws(
      () =>
        defineExperiment({
          ...DECLARATION,
          arms: { narrow: { ...narrow, virtual: { ...virtual, ...given } as never }, linear },
        }),
      { name: "DeclarationError", message },
    );
  refused({ epsilon: 0 }, /arms\.narrow\.virtual\.epsilon: .*0/);
  refused({ epsilon: -2 }, /arms\.narrow\.virtual\.epsilon: .*0/);
  refused({ xi: 0 }, /arms\.narrow\.virtual\.xi: .*0/);
  refused({ xi: 1e-6 }, /arms\.narrow\.virtual\.xi: .*0\.0001/);
  refused({ weight: 1e39 }, /arms\.narrow\.virtual\.weight: .*1000/);
  refused({ weight: -1 }, /arms\.narrow\.virtual\.weight: .*0/);
  refused({ xsi: 1 }, /"xsi" is no field here; did you mean "xi"/);
  await assert.rejects(
    runTiny(folder, { ...asked, arms: ["virtual"], set: { "virtual.batch": 65 } }),
    {
      name: "DeclarationError",
      message: 'arm "virtual": virtual.batch: 65 images are more than its 64 training images; ' +
        "make it smaller, or trainImages larger",
    },
  );
});
