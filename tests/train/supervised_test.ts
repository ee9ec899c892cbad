import assert from "node:assert/strict";
import type { CompiledProgram } from "../../core/graph/compile.ts";
import type { Layer } from "../../core/nn/layers.ts";
import { buildSupervised, storedBytesOf } from "../../core/train/supervised.ts";
import { ADAM, CONVOLUTION, LINEAR, STORES } from "./tiny.ts";

const FGSM = { attack: "fgsm", start: "image", epsilon: 0.1, clean: 0 } as const;

function build(net: readonly Layer[]) {
  return buildSupervised({ net, optimiser: ADAM, batch: 8 }, STORES);
}

for (
  const [what, net, output] of [
    ["too many outputs", [{ layer: "flatten" }, { layer: "dense", units: 4 }], "[8, 4]"],
    ["images", [{ layer: "relu" }], "[8, 4, 4, 1]"],
    ["nothing", [], "[8, 4, 4, 1]"],
  ] as const
) {
  Deno.test(`a net that ends in ${what} is refused with what it needs`, () => {
    for (const adversary of [undefined, FGSM]) {
      const config = { net, optimiser: ADAM, batch: 8, adversary };
      assert.throws(() => buildSupervised(config, STORES), {
        name: "ShapeError",
        message: `the net's output is ${output}, but 3 classes at batch 8 need [8, 3]; end the ` +
          "net with dense({ units: 3 })",
      });
    }
  });
}

Deno.test("all programs of a net share its parameters", () => {
  const { net: { parameters }, initialise, step, evaluate } = build(CONVOLUTION);
  const { length } = parameters.state("parameters");
  for (const program of [initialise, step, evaluate.train, evaluate.test]) {
    assert.equal(program.buffers.find(({ name }) => name === "parameters")?.length, length);
  }
});

Deno.test("an evaluation reads no training images but those of its split, and no gradients", () => {
  const { evaluate } = build(LINEAR);
  const states = ({ buffers }: typeof evaluate.test) =>
    buffers.filter(({ kind }) => kind === "state").map(({ name }) => name);
  assert.ok(states(evaluate.test).every((name) => !/train|gradient|moment/.test(name)));
  assert.ok(states(evaluate.train).every((name) => !/test|gradient|moment/.test(name)));
});

Deno.test("stored bytes grow with the batch and are the same for every optimiser", () => {
  const config = { net: CONVOLUTION, optimiser: ADAM, batch: 8 };
  const bytes = storedBytesOf(config, STORES);
  assert.equal(storedBytesOf({ ...config, batch: 24 }, STORES), 3 * bytes);
  const sgd = { optimiser: "sgd", learningRate: 1 } as const;
  assert.equal(storedBytesOf({ ...config, optimiser: sgd }, STORES), bytes);
});

Deno.test("an attack is unrolled in the step alone, and no other program knows of it", () => {
  const kernels = ({ steps }: CompiledProgram) => steps.map(({ kernel }) => kernel.name);
  const buffers = ({ buffers }: CompiledProgram) =>
    buffers.map(({ name, length }) => [name, length]);
  const plain = build(CONVOLUTION);
  const pgd = { attack: "pgd", start: "random", epsilon: 0.1, stepSize: 0.05, clean: 0 } as const;
  for (const steps of [1, 5]) {
    const config = { net: CONVOLUTION, optimiser: ADAM, batch: 8, adversary: { ...pgd, steps } };
    const attacked = buildSupervised(config, STORES);
    const attacks = kernels(attacked.step).filter((name) => name === "attack_step");
    assert.equal(attacks.length, steps);
    assert.deepEqual(kernels(attacked.initialise), kernels(plain.initialise));
    for (const split of ["train", "test"] as const) {
      assert.deepEqual(kernels(attacked.evaluate[split]), kernels(plain.evaluate[split]));
      assert.deepEqual(buffers(attacked.evaluate[split]), buffers(plain.evaluate[split]));
    }
  }
  const asked = { loss: undefined, weightDecay: undefined, adversary: undefined };
  const config = { net: CONVOLUTION, optimiser: ADAM, batch: 8, ...asked };
  assert.deepEqual(kernels(buildSupervised(config, STORES).step), kernels(plain.step));
});
