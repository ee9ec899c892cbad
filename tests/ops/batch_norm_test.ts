import assert from "node:assert/strict";
import fc from "fast-check";
import { gradients } from "../../core/graph/gradients.ts";
import { Graph } from "../../core/graph/graph.ts";
import { flush } from "../../core/numerics/bits.ts";
import { rsqrt } from "../../core/numerics/rsqrt.ts";
import { multiply } from "../../core/ops/arithmetic.ts";
import { batchNorm } from "../../core/ops/batch_norm.ts";
import { moments } from "../../core/ops/moments.ts";
import { ShapeError, type Value } from "../../core/ops/op.ts";
import { relu } from "../../core/ops/relu.ts";
import { sum } from "../../core/ops/sum.ts";
import { assertClose, checkMeaning } from "./gradient.ts";
import { assertSameBits, both, build, type Case, property, sameBits, test } from "./harness.ts";
import { type Mixture, Numbers, type Tensor } from "./numbers.ts";

const { fround } = Math;
const EPSILON = 1e-5;

interface Size {
  readonly n: number;
  readonly channels: number;
}

/** Rows of less than a strip up to several chunks, channels of all groups. */
const sizes = fc.record({
  n: fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(255, 256, 257, 512, 1100)),
  channels: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(32, 33, 64)),
});

/** y and its gradients, by a sum of y times dy: of x, gamma and beta. */
function whole(
  [x, gamma, beta, dy]: readonly Value[],
  { mean, variance }: { readonly mean: Value; readonly variance: Value },
  own: boolean,
): Value[] {
  const y = batchNorm(
    x!,
    { mean, variance, gamma: gamma!, beta: beta! },
    { epsilon: EPSILON, own },
  );
  const loss = sum(multiply(y, dy!));
  return [y, ...gradients(y.builder as Graph, loss, [x!, gamma!, beta!])];
}

/** By x's own moments; results are y, dx, dgamma, dbeta, mean and variance. */
function owned({ n, channels }: Size, numbers: Numbers, mixture?: Mixture): Case {
  const shapes = [[n, channels], [channels], [channels], [n, channels]];
  return {
    inputs: shapes.map((shape) => numbers.tensor(shape, mixture)),
    emit(inputs) {
      const of = moments(inputs[0]!);
      return [...whole(inputs, of, true), of.mean, of.variance];
    },
  };
}

/** By given moments; results are y, dx, dgamma and dbeta. */
function given({ n, channels }: Size, numbers: Numbers): Case {
  const variance = numbers.tensor([channels]);
  return {
    inputs: [
      ...[[n, channels], [channels], [channels], [n, channels], [channels]].map((shape) =>
        numbers.tensor(shape)
      ),
      { ...variance, data: variance.data.map(Math.abs) },
    ],
    emit: (inputs) => whole(inputs, { mean: inputs[4]!, variance: inputs[5]! }, false),
  };
}

sameBits(
  "batchNorm() by its own moments, and its gradients, give their references' bits",
  sizes,
  (size, numbers) => owned(size, numbers),
);

sameBits(
  "batchNorm() by given moments, and its gradients, give their references' bits",
  sizes,
  given,
);

test("batchNorm() gives its reference's bits over several workgroups", async () => {
  await both(owned({ n: 5000, channels: 19 }, new Numbers(1)));
  await both(given({ n: 1300, channels: 72 }, new Numbers(2)));
});

/** Normalised by biased moments in f64, or by those that are given. */
function formula(
  x: readonly number[],
  gamma: readonly number[],
  beta: readonly number[],
  mean?: readonly number[],
  variance?: readonly number[],
): number[] {
  const channels = gamma.length;
  const columns = gamma.map((_, j) => x.filter((_, i) => i % channels === j));
  const average = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
  const centres = mean ?? columns.map(average);
  const spreads = variance ??
    columns.map((column, j) => average(column.map((value) => (value - centres[j]!) ** 2)));
  return x.map((value, i) => {
    const j = i % channels;
    return (value - centres[j]!) / Math.sqrt(spreads[j]! + EPSILON) * gamma[j]! + beta[j]!;
  });
}

/** Numbers of either sign in turn, so that no channel's variance is small. */
function spread({ n, channels }: Size, numbers: Numbers): Tensor {
  const { shape, data } = numbers.plain([n, channels]);
  const sign = (i: number) => Math.floor(i / channels) % 2 ? -1 : 1;
  return { shape, data: Float32Array.from(data, (value, i) => sign(i) * Math.abs(value)) };
}

const few = fc.record({
  n: fc.integer({ min: 2, max: 9 }),
  channels: fc.integer({ min: 1, max: 4 }),
});

property(
  "batchNorm() and its gradients follow the formula, through its own moments too",
  few,
  async (size, numbers) => {
    await checkMeaning({
      inputs: [spread(size, numbers), ...[1, 2].map(() => numbers.plain([size.channels]))],
      emit: ([x, gamma, beta]) =>
        batchNorm(
          x!,
          { ...moments(x!), gamma: gamma!, beta: beta! },
          { epsilon: EPSILON, own: true },
        ),
      formula: ([x, gamma, beta]) => formula(x!, gamma!, beta!),
    }, numbers);
  },
);

property(
  "batchNorm() and its gradients follow the formula by given moments",
  few,
  async (size, numbers) => {
    const [gamma, beta, mean, variance] = [1, 2, 3, 4].map(() => numbers.plain([size.channels]));
    await checkMeaning({
      inputs: [
        ...[spread(size, numbers), gamma!, beta!, mean!],
        { ...variance!, data: variance!.data.map(Math.abs) },
      ],
      wrt: [0, 1, 2],
      emit: ([x, gamma, beta, mean, variance]) =>
        batchNorm(
          x!,
          { mean: mean!, variance: variance!, gamma: gamma!, beta: beta! },
          { epsilon: EPSILON, own: false },
        ),
      formula: ([x, gamma, beta, mean, variance]) => formula(x!, gamma!, beta!, mean!, variance!),
    }, numbers);
  },
);

test("the gradient of batchNorm() through its own moments reaches every row of every chunk", async () => {
  const numbers = new Numbers(3);
  const [n, channels] = [700, 2];
  await checkMeaning({
    inputs: [
      spread({ n, channels }, numbers),
      numbers.plain([channels]),
      numbers.plain([channels]),
    ],
    emit: ([x, gamma, beta]) =>
      batchNorm(
        x!,
        { ...moments(x!), gamma: gamma!, beta: beta! },
        { epsilon: EPSILON, own: true },
      ),
    formula: ([x, gamma, beta]) => formula(x!, gamma!, beta!),
  }, numbers);
});

test("moments() keeps a variance that is small beside the mean", async () => {
  const x = Float32Array.from({ length: 600 }, (_, i) => 1000 + (i % 7) / 8);
  const states = await both({
    inputs: [{ shape: [600, 1], data: x }],
    emit([x]) {
      const { mean, variance } = moments(x!);
      return [mean, variance];
    },
  });
  const mean = x.reduce((a, b) => a + b) / 600;
  const variance = x.reduce((total, value) => total + (value - mean) ** 2, 0) / 600;
  assertClose(states.get("output0")!, [mean], "the mean", 1e-6);
  assertClose(states.get("output1")!, [variance], "the variance", 1e-5);
});

/** What each kernel's header says of one channel of at most a chunk, in f32, or one thing wrong. */
const WRONGS = [
  "fused products",
  "the reversed order",
  "gamma times the root first",
  "x times the root less the mean times it",
  "shares before they are taken apart",
] as const;

function stated(
  [x, gamma, beta, dy]: readonly (readonly number[])[],
  wrong?: (typeof WRONGS)[number],
) {
  const n = x!.length;
  const share = fround(1 / n);
  const product = (value: number) => wrong === "fused products" ? value : fround(value);
  const total = (values: readonly number[]) =>
    (wrong === "the reversed order" ? values.toReversed() : values)
      .reduce((sum, value) => fround(sum + value), 0);
  const mean = flush(fround(flush(total(x!)) * share));
  const deviations = x!.map((value) => flush(fround(value - mean)));
  const variance = flush(fround(flush(total(deviations.map((d) => product(d * d)))) * share));
  const root = rsqrt(fround(variance + fround(EPSILON)));
  const [factor, shift] = [gamma![0]!, beta![0]!];
  const normal = deviations.map((d, i) =>
    wrong === "x times the root less the mean times it"
      ? fround(fround(x![i]! * root) - fround(mean * root))
      : flush(fround(d * root))
  );
  const y = normal.map((value, i) =>
    flush(fround(
      wrong === "gamma times the root first"
        ? fround(deviations[i]! * fround(root * factor)) + shift
        : product(value * factor) + shift,
    ))
  );
  const plain = flush(total(dy!));
  const weighted = flush(total(dy!.map((value, i) => product(value * normal[i]!))));
  const a = flush(fround(plain * share)), b = flush(fround(weighted * share));
  const scaled = flush(fround(factor * root));
  const dx = dy!.map((value, i) => {
    const rest = wrong === "shares before they are taken apart"
      ? fround(value - fround(a + fround(normal[i]! * b)))
      : fround(fround(value - a) - product(normal[i]! * b));
    return flush(fround(scaled * flush(rest)));
  });
  return { y, dx, gamma: [weighted], beta: [plain], mean: [mean], variance: [variance] };
}

test("batchNorm() and its gradients round in the stated order, each product on its own", async () => {
  const tested = owned({ n: 200, channels: 1 }, new Numbers(4), { zeros: 0, tiny: 0 });
  const inputs = tested.inputs.map(({ data }) => [...data]);
  const states = await both(tested);
  const right = Object.entries(stated(inputs));
  right.forEach(([what, values], i) =>
    assertSameBits(states.get(`output${i}`)!, Float32Array.from(values), what)
  );
  for (const wrong of WRONGS) {
    const shown = Object.values(stated(inputs, wrong)).some((values, i) =>
      values.some((value, k) => value !== right[i]![1][k])
    );
    assert.ok(shown, `${wrong} shows nowhere`);
  }
});

test("batchNorm() drops what is below 2^-51 and bears a variance of zero", async () => {
  const input = (...data: number[]): Tensor => ({
    shape: [data.length],
    data: Float32Array.from(data),
  });
  const states = await both({
    inputs: [
      { shape: [2, 2], data: Float32Array.of(3, 2 ** -50, 3, -(2 ** -50)) },
      input(1, 2 ** -10),
      input(0.5, 0),
      { shape: [2, 2], data: Float32Array.of(1, 1, 1, 1) },
    ],
    emit: (inputs) => whole(inputs, moments(inputs[0]!), true),
  });
  assert.deepEqual([...states.get("output0")!], [0.5, 0, 0.5, 0]);
  assert.deepEqual([...states.get("output1")!], [0, 0, 0, 0]);
});

test("what follows batchNorm() elementwise joins its dispatch", () => {
  const { steps } = build({
    inputs: [[64, 8], [8], [8], [8], [8]].map((shape) => new Numbers(5).tensor(shape)),
    emit: ([x, mean, variance, gamma, beta]) =>
      relu(
        batchNorm(
          x!,
          { mean: mean!, variance: variance!, gamma: gamma!, beta: beta! },
          { epsilon: EPSILON, own: false },
        ),
      ),
  });
  assert.deepEqual(steps.map(({ kernel }) => kernel.name), ["batch_norm+relu"]);
});

test("batchNorm() wants [n, channels] and one of each number a channel", () => {
  const graph = new Graph();
  const x = graph.constant(new Float32Array(6), [2, 3]);
  const three = graph.constant(new Float32Array(3), [3]);
  const two = graph.constant(new Float32Array(2), [2]);
  const of = { mean: three, variance: three, gamma: three, beta: three };
  const attributes = { epsilon: EPSILON, own: false };
  assert.throws(() => batchNorm(three, of, attributes), ShapeError);
  assert.throws(() => batchNorm(x, { ...of, beta: two }, attributes), {
    name: "ShapeError",
    message: "batch_norm: [2] is not one number a channel of [2, 3]",
  });
});
