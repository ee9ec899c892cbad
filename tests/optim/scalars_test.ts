import assert from "node:assert/strict";
import fc from "fast-check";
import { type Adam, adam, adamKind } from "../../core/optim/adam.ts";
import { optimiserKind, optimiserSchema } from "../../core/optim/optimisers.ts";
import { type Rmsprop, rmsprop, rmspropKind } from "../../core/optim/rmsprop.ts";
import { sgd, sgdKind } from "../../core/optim/sgd.ts";

const { fround } = Math;
const config = optimiserSchema.parse(adam({ learningRate: 1e-3 })) as Adam;

Deno.test("adam() has Keras's defaults, which the schema puts in", () => {
  assert.deepEqual(config, {
    optimiser: "adam",
    learningRate: 1e-3,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-7,
  });
});

Deno.test("adam's first step corrects both moments in full", () => {
  assert.deepEqual(
    [...adamKind.scalars(config, 0, 1)],
    [0.9, 1 - 0.9, 0.999, 1 - 0.999, 1e-3 / (1 - 0.9), 1 / Math.sqrt(1 - 0.999), 1e-7].map(fround),
  );
});

Deno.test("adam's step t corrects by the betas to the power t", () => {
  const rows = adamKind.scalars(config, 0, 1000);
  for (const t of [1, 2, 10, 1000]) {
    const [, , , , rate, correction] = rows.subarray((t - 1) * 7, t * 7);
    assert.ok(Math.abs(rate! / (1e-3 / (1 - 0.9 ** t)) - 1) < 1e-6);
    assert.ok(Math.abs(correction! * Math.sqrt(1 - 0.999 ** t) - 1) < 1e-6);
  }
});

Deno.test("the scalars of a resumed training are the tail of the whole one's", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(config, { ...config, beta1: 0, beta2: 0.5 }),
      fc.nat(300),
      fc.nat(64),
      (adam, from, count) => {
        const whole = adamKind.scalars(adam, 0, from + count);
        const tail = adamKind.scalars(adam, from, from + count);
        assert.deepEqual(tail, whole.subarray(from * adamKind.scalarCount));
      },
    ),
  );
});

Deno.test("rmsprop() has Keras's defaults, and the same scalars at every step", () => {
  const config = optimiserSchema.parse(rmsprop({ learningRate: 1e-3 })) as Rmsprop;
  assert.deepEqual(config, {
    optimiser: "rmsprop",
    learningRate: 1e-3,
    rho: 0.9,
    epsilon: 1e-7,
  });
  const row = [0.9, 1 - 0.9, 1e-3, 1e-7].map(fround);
  assert.deepEqual([...rmspropKind.scalars(config, 7, 9)], [...row, ...row]);
  assert.deepEqual([rmspropKind.scalarCount, rmspropKind.moments], [4, ["mean square"]]);
});

Deno.test("sgd's only scalar is the learning rate, at every step", () => {
  const config = sgd({ learningRate: 0.1 });
  assert.deepEqual(sgdKind.scalars(config, 5, 8), new Float32Array(3).fill(0.1));
  assert.deepEqual([sgdKind.scalarCount, sgdKind.moments], [1, []]);
});

Deno.test("optimiserKind() finds the kind of a declared optimiser", () => {
  assert.equal(optimiserKind(config), adamKind);
  const declared = optimiserSchema.parse(rmsprop({ learningRate: 1 }));
  assert.equal(optimiserKind(declared), rmspropKind);
  assert.equal(optimiserKind(sgd({ learningRate: 1 })), sgdKind);
});

for (
  const wrong of [
    { optimiser: "adam", learningRate: 0 },
    { optimiser: "adam", learningRate: -1e-3 },
    { optimiser: "adam", learningRate: Infinity },
    { optimiser: "adam", learningRate: 1e-3, beta1: 1 },
    { optimiser: "adam", learningRate: 1e-3, beta2: -0.1 },
    { optimiser: "adam", learningRate: 1e-3, epsilon: 0 },
    { optimiser: "adam", learningRate: 1e-3, momentum: 0.9 },
    { optimiser: "sgd", learningRate: NaN },
    { optimiser: "sgd" },
    { optimiser: "rmsprop", learningRate: 0 },
    { optimiser: "rmsprop", learningRate: 1e-3, rho: 1 },
    { optimiser: "rmsprop", learningRate: 1e-3, epsilon: 0 },
    { optimiser: "rmsprop", learningRate: 1e-3, momentum: 0.9 },
    { optimiser: "lion", learningRate: 1 },
  ]
) {
  Deno.test(`an optimiser cannot be ${JSON.stringify(wrong)}`, () => {
    assert.ok(!optimiserSchema.safeParse(wrong).success);
  });
}
