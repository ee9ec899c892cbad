import assert from "node:assert/strict";
import fc from "fast-check";
import { Graph } from "../../core/graph/graph.ts";
import { matmul } from "../../core/ops/matmul.ts";
import { checkMeaning } from "./gradient.ts";
import { both, type Case, property, provesItsOrder, sameBits, test } from "./harness.ts";
import { Numbers } from "./numbers.ts";

interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

function operands({ m, n, k, transposeA, transposeB }: Product) {
  return { a: transposeA ? [k, m] : [m, k], b: transposeB ? [n, k] : [k, n] };
}

/** Where element (row, l) of a and (l, column) of b lie. */
function places({ m, n, k, transposeA, transposeB }: Product) {
  return {
    a: (row: number, l: number) => transposeA ? l * m + row : row * k + l,
    b: (l: number, column: number) => transposeB ? column * k + l : l * n + column,
  };
}

function productsUpTo(work: number): fc.Arbitrary<Product> {
  const edge = fc.oneof(
    fc.integer({ min: 1, max: 20 }),
    fc.constantFrom(4, 8, 12, 63, 64, 65, 68, 129),
  );
  return fc.record({
    m: edge,
    n: edge,
    k: edge,
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
  }).filter(({ m, n, k }) => m * n * k <= work);
}

function forward(product: Product, numbers: Numbers): Case {
  const { a, b } = operands(product);
  return {
    inputs: [numbers.tensor(a), numbers.tensor(b)],
    emit: ([a, b]) => matmul(a!, b!, product),
  };
}

sameBits("matmul() gives its reference's bits", productsUpTo(40_000), forward);

test("matmul() gives its reference's bits over several workgroups", async () => {
  const numbers = new Numbers(4);
  for (const transposed of [{}, { transposeA: true }, { transposeB: true }]) {
    const plain = { k: 5, transposeA: false, transposeB: false, ...transposed };
    await both(forward({ ...plain, m: 520, n: 7 }, numbers));
    await both(forward({ ...plain, m: 9, n: 260 }, numbers));
  }
});

test("matmul() adds in ascending order of the inner index, each product rounded", async () => {
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      const product = { m: 5, n: 6, k: 40, transposeA, transposeB };
      const tested = forward(product, new Numbers(3));
      const [a, b] = tested.inputs;
      const at = places(product);
      const outputs = Array.from(
        { length: product.m * product.n },
        (_, i) =>
          Array.from({ length: product.k }, (_, l) =>
            [
              a!.data[at.a(Math.floor(i / product.n), l)]!,
              b!.data[at.b(l, i % product.n)]!,
            ] as const),
      );
      await provesItsOrder(tested, outputs);
    }
  }
});

property("matmul() and its gradients follow the formula", productsUpTo(400), async (p, numbers) => {
  const { a, b } = operands(p);
  const at = places(p);
  await checkMeaning({
    inputs: [numbers.plain(a), numbers.plain(b)],
    emit: ([a, b]) => matmul(a!, b!, p),
    formula: ([a, b]) =>
      Array.from({ length: p.m * p.n }, (_, i) => {
        let sum = 0;
        for (let l = 0; l < p.k; l++) {
          sum += a![at.a(Math.floor(i / p.n), l)]! * b![at.b(l, i % p.n)]!;
        }
        return sum;
      }),
  }, numbers);
});

test("matmul() rejects inner sizes that differ and says what would fit", () => {
  const graph = new Graph();
  const a = graph.constant(new Float32Array(6), [2, 3]);
  const b = graph.constant(new Float32Array(8), [4, 2]);
  assert.throws(
    () => matmul(a, b),
    /the product of \[2, 3\] and \[4, 2\] .* 3 and 4; give the right operand 3 rows/,
  );
  assert.throws(
    () => matmul(a, graph.reshape(b, [8])),
    /the right operand must be f32 with 2 axes/,
  );
});
