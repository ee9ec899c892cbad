/** Two steps of a small DCGAN, its codes drawn from our streams, against PyTorch's. */
import golden from "./adversarial_steps.json" with { type: "json" };
import type { AdversarialConfig } from "../../core/train/adversarial.ts";
import { normal, stream } from "../../core/random/streams.ts";
import { assertClose } from "../ops/gradient.ts";
import { test } from "../ops/harness.ts";
import { byName, CONVOLUTIONAL, tinyPair } from "../train/tiny_pair.ts";
import { numbers } from "./formula.ts";

const { batch, seed, rate, shapes, steps } = golden;
const optimiser = { optimiser: "sgd", learningRate: rate } as const;
const config: AdversarialConfig = {
  ...CONVOLUTIONAL,
  batch,
  generator: { ...CONVOLUTIONAL.generator, optimiser },
  discriminator: { ...CONVOLUTIONAL.discriminator, optimiser },
};
const images = {
  count: 2 * batch,
  labels: new Uint8Array(2 * batch),
  pixels: Uint8Array.from({ length: 2 * batch * 16 }, (_, i) => i * 7919 % 256),
};
const order = {
  stepsPerEpoch: 2,
  batch: (step: number) => Uint32Array.from({ length: batch }, (_, i) => step * batch + i),
};

test("steps of a pair agree with PyTorch: codes, losses, updates, running moments", async () => {
  const { trainer } = await tinyPair(config, { seed, images, order });
  const drawn = byName(await trainer.state());
  Object.entries(shapes).forEach(([name, shape], i) => {
    drawn.set(name, numbers(shape, 100 * i));
  });
  trainer.restore(drawn);
  for (const [step, expected] of steps.entries()) {
    ["beside real ones", "labelled real"].forEach((use, i) => {
      const source = stream(seed, `noise/codes, ${use}`);
      const codes = expected.codes[i]!.map((_, element) => normal(source, step, element));
      assertClose(codes, expected.codes[i]!, `the codes ${use}`, 1e-6);
    });
    const { losses, largestGradients } = await trainer.train(step, step + 1);
    const found = [...losses["discriminator"]!, ...losses["generator"]!];
    assertClose(found, expected.losses, `the losses of step ${step}`);
    assertClose(largestGradients, [expected.largestGradient], "the largest gradient");
    const state = byName(await trainer.state());
    for (const [name, numbers] of Object.entries(expected.parameters)) {
      assertClose(state.get(name)!.data, numbers, `${name} after step ${step}`);
    }
    for (const [net, [mean, variance]] of Object.entries(expected.running)) {
      const running = (moment: string) => state.get(`${net}/batchNorm1/running ${moment}`)!.data;
      assertClose(running("mean"), mean!, `the ${net}'s running mean after step ${step}`);
      assertClose(running("variance"), variance!, `the ${net}'s running variance`);
    }
  }
});
