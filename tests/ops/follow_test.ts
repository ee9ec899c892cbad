import assert from "node:assert/strict";
import fc from "fast-check";
import { Graph } from "../../core/graph/graph.ts";
import { flush } from "../../core/numerics/bits.ts";
import { follow } from "../../core/ops/follow.ts";
import { assertSameBits, both, type Case, sameBits, test } from "./harness.ts";
import { Numbers } from "./numbers.ts";

const { fround } = Math;
const KEEP = 0.9, SHARE = 0.1 * 200 / 199;

function step(length: number, numbers: Numbers): Case {
  return {
    inputs: [numbers.tensor([length]), numbers.tensor([length])],
    emit: ([value, running]) => follow(value!, running!, { keep: KEEP, share: SHARE }),
  };
}

const lengths = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(63, 64, 65));

sameBits("follow() gives its reference's bits", lengths, step);

test("follow() rounds both products on their own and leaves the value alone", async () => {
  const tested = step(300, new Numbers(1));
  const [value, running] = tested.inputs.map(({ data }) => data);
  const states = await both(tested);
  const [keep, share] = [fround(KEEP), fround(SHARE)];
  const next = (product: (x: number) => number) =>
    Float32Array.from(
      value!,
      (x, i) => flush(fround(product(keep * running![i]!) + fround(share * x))),
    );
  assertSameBits(states.get("input1")!, next(fround), "the running values");
  assert.notDeepEqual(next((x) => x), next(fround));
  assertSameBits(states.get("input0")!, value!, "the values");
});

test("follow() wants a running value of the same shape", () => {
  const graph = new Graph();
  const [two, three] = [2, 3].map((n) => graph.constant(new Float32Array(n), [n]));
  assert.throws(() => follow(two!, three!, { keep: 0.9, share: 0.1 }), {
    name: "ShapeError",
    message: "follow: [3] cannot follow [2]",
  });
});
