/** Steps with weight decay, with the hinge loss and on adversarial images against PyTorch's. */
import golden from "./robust_steps.json" with { type: "json" };
import type { Dataset } from "../../core/data/dataset.ts";
import { adversarySchema } from "../../core/train/adversary.ts";
import type { Layer } from "../../core/nn/layers.ts";
import { optimiserSchema } from "../../core/optim/optimisers.ts";
import { buildSupervised } from "../../core/train/supervised.ts";
import type { SupervisedConfig } from "../../core/train/supervised_config.ts";
import { openTrainer } from "../../core/train/trainer.ts";
import { assertClose } from "../ops/gradient.ts";
import { cpu, test } from "../ops/harness.ts";
import { DATA as TINY, IMAGE } from "../train/tiny.ts";
import { numbers } from "./formula.ts";

const { batch, rate, labels, cases } = golden;
const images = {
  pixels: Uint8Array.from({ length: labels.length * 16 }, (_, i) => i * 7919 % 256),
  labels: Uint8Array.from(labels),
  count: labels.length,
};
const data: Dataset = { ...TINY, train: images, test: images };
const store = { count: images.count, image: IMAGE };
const stores = {
  train: { name: "train", ...store },
  test: { name: "test", ...store },
  classes: 3,
};
const order = {
  stepsPerEpoch: labels.length / batch,
  batch: (step: number) => Uint32Array.from({ length: batch }, (_, i) => step * batch + i),
};
const netOf = (normalised: boolean): Layer[] => [
  { layer: "conv2d", filters: 2, kernel: 3, stride: 1, padding: "valid" },
  ...normalised ? [{ layer: "batchNorm", momentum: 0.9, epsilon: 1e-5 } as const] : [],
  { layer: "relu" },
  { layer: "flatten" },
  { layer: "dense", units: 3 },
];

for (const { steps, evaluated, shapes, ...declared } of cases) {
  const { optimiser, loss, weightDecay, adversary, normalised = false } = declared as Partial<
    typeof declared
  >;
  test(`steps of ${JSON.stringify(declared)} agree with PyTorch`, async () => {
    const config: SupervisedConfig = {
      net: netOf(normalised),
      batch,
      optimiser: optimiserSchema.parse({ optimiser, learningRate: rate }),
      loss: loss as "hinge" | undefined,
      weightDecay,
      adversary: adversary && adversarySchema.parse(adversary),
    };
    const programs = buildSupervised(config, stores);
    const trainer = await openTrainer(cpu, { programs, config, stores, data, seed: 0, order });
    trainer.initialise();
    const start = (await trainer.state()).map(({ name, ...tensor }) => [name, tensor] as const);
    const own = Object.entries(shapes)
      .map(([name, shape], i) => [name, numbers(shape, 100 * i, 2)] as const);
    trainer.restore(new Map([...start, ...own]));
    for (const [step, expected] of steps.entries()) {
      const { losses, largestGradients } = await trainer.train(step, step + 1);
      assertClose(losses["train"]!, [expected.loss], `the loss of step ${step}`);
      assertClose(largestGradients, [expected.largestGradient], "the largest gradient");
      const state = new Map((await trainer.state()).map(({ name, data }) => [name, data]));
      for (const [name, numbers] of Object.entries(expected.parameters)) {
        assertClose(state.get(name)!, numbers, `${name} after step ${step}`);
      }
    }
    // Of the batch of an evaluation three rows have no image.
    const { loss: found } = await trainer.evaluate("test", Uint32Array.of(0, 1, 2, 3, 4));
    assertClose([found], [evaluated], "the loss of an evaluation");
    trainer.close();
  });
}
