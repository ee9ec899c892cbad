/**
 * The torture set: every op gives its reference's bits by SIMD and in WGSL in every torment, and
 * the torments are such that arithmetic which is nearly right would not.
 */
import assert from "node:assert/strict";
import { Graph } from "../../core/graph/graph.ts";
import { flush } from "../../core/numerics/bits.ts";
import { add, multiply, scalar, scale, subtract } from "../../core/ops/arithmetic.ts";
import { matmul } from "../../core/ops/matmul.ts";
import { maxMagnitude } from "../../core/ops/max_magnitude.ts";
import * as exported from "../../core/ops/mod.ts";
import type { Op, Value } from "../../core/ops/op.ts";
import {
  assertSameBits,
  both,
  build,
  type Case,
  chain,
  cpu,
  execute,
  type Products,
  simd,
  test,
  webGpu,
} from "./harness.ts";
import { Tormentor, TORMENTS } from "./torments.ts";
import { TORTURE } from "./torture.ts";

const { fround } = Math;

/** Wrong ways to add products, each of which must show somewhere. */
const WRONG: Readonly<Record<string, (products: Products) => number>> = {
  "the reversed order": (products) => chain(products.toReversed()),
  "products that are fused with their sum": (products) => chain(products, true),
  "neighbours that are added first": (products) => {
    const terms = products.map(([a, b]) => fround(a * b));
    const pairs = terms.flatMap((term, i) =>
      i % 2 ? [] : [[fround(term + (terms[i + 1] ?? 0)), 1] as const]
    );
    return chain(pairs);
  },
};

for (const [name, row] of Object.entries(TORTURE)) {
  test(`${name} gives its reference's bits in every torment`, async () => {
    const shown = new Set<string>();
    // Together: each waits mostly for its adapter.
    const cases = row.sizes.flatMap((_, size) => TORMENTS.map((torment) => ({ size, torment })));
    await Promise.all(cases.map(async ({ size, torment }) => {
      const tested = row.make(size, torment);
      const states = await both(tested);
      const products = row.products?.(size, tested.inputs) ?? [];
      if (products.length === 0) return;
      const sums = (of: (products: Products) => number) =>
        Float32Array.from(products, of).map(flush);
      const expected = sums((products) => chain(products));
      assertSameBits(states.get("output0")!, expected, `${name} ${row.sizes[size]} ${torment}`);
      for (const [what, wrong] of Object.entries(WRONG)) {
        if (sums(wrong).some((sum, i) => sum !== expected[i])) shown.add(what);
      }
    }));
    if (!row.products) return;
    // The terms of a plain sum are no products.
    const all = Object.keys(WRONG).filter((what) => name !== "sum" || !what.includes("fused"));
    assert.deepEqual([...shown].sort(), all.sort(), "what would be wrong shows nowhere");
  });
}

/** Ops that the cases of the table emit. */
function emitted(): Set<string> {
  const graphs = Object.values(TORTURE).map((row) => {
    const graph = new Graph();
    const { inputs, emit } = row.make(0, "mantissas");
    emit(inputs.map(({ shape, data }) => graph.constant(data as Float32Array, shape)));
    return graph;
  });
  return new Set(
    graphs.flatMap(({ nodes }) => nodes.flatMap((n) => n.kind === "op" ? n.op.name : [])),
  );
}

function isOp(value: unknown): value is Op<unknown> {
  return typeof value === "object" && value !== null && "kernel" in value && "infer" in value;
}

test("every op that there is stands in the torture set", async () => {
  const folder = new URL("../../core/ops/", import.meta.url);
  const files = (await Array.fromAsync(Deno.readDir(folder))).map((file) => file.name);
  const modules = await Promise.all(
    files.filter((file) => file.endsWith(".ts")).map((file) => import(new URL(file, folder).href)),
  );
  const ops = modules.flatMap((one) => Object.values(one).filter(isOp));
  assert.ok(ops.length > 25);
  const tortured = emitted();
  assert.deepEqual([...new Set(ops.map((op) => op.name))].filter((op) => !tortured.has(op)), []);
  // A scalar is a constant; nothing is computed.
  const functions = Object.keys(exported).filter((name) => name !== "scalar");
  assert.deepEqual(functions.filter((name) => !(name in TORTURE)), []);
});

/** What is written, and what a driver's algebra would make of it. */
interface Trap {
  emit(x: Value, y: Value, z: Value): Value;
  /** Every step is flushed, as if it had been stored. */
  right(x: number, y: number, z: number): number;
  wrong(x: number, y: number, z: number): number;
}

const stored = (x: number) => flush(fround(x));
const [C1, C2] = [fround(1 / 3), fround(1.7)] as const;

/**
 * The algebra of DESIGN.md's point 2, each in one dispatch, each rounding as it is written. But
 * x * z + y * z would be two: the probe asks for it, and tests/shaders watches kernels of more.
 */
const TRAPS: Readonly<Record<string, Trap>> = {
  "(x * c1) * c2 by the product of the constants": {
    emit: (x) => scale(scale(x, C1), C2),
    right: (x) => stored(stored(x * C1) * C2),
    wrong: (x) => fround(x * fround(C1 * C2)),
  },
  "(x + c1) + c2 by the sum of the constants": {
    emit: (x) => add(add(x, scalar(x.builder, C1)), scalar(x.builder, C2)),
    right: (x) => stored(stored(x + C1) + C2),
    wrong: (x) => fround(x + fround(C1 + C2)),
  },
  "x + x * y by x * (1 + y)": {
    emit: (x, y) => add(multiply(x, y), x),
    right: (x, y) => stored(stored(x * y) + x),
    wrong: (x, y) => fround(x * fround(1 + y)),
  },
  "(x + y) - y by x": {
    emit: (x, y) => subtract(add(x, y), y),
    right: (x, y) => stored(stored(x + y) - y),
    wrong: (x) => x,
  },
  "(x + y) + z by x + (y + z)": {
    emit: (x, y, z) => add(add(x, y), z),
    right: (x, y, z) => stored(stored(x + y) + z),
    wrong: (x, y, z) => fround(x + fround(y + z)),
  },
  "x * y + z by a fused one": {
    emit: (x, y, z) => add(multiply(x, y), z),
    right: (x, y, z) => stored(stored(x * y) + z),
    wrong: (x, y, z) => fround(x * y + z),
  },
};

for (const [what, { emit, right, wrong }] of Object.entries(TRAPS)) {
  test(`no device replaces ${what}`, async () => {
    let shown = false;
    for (const torment of TORMENTS) {
      const from = new Tormentor(torment, 1, 30);
      const inputs = [1, 2, 3].map(() => from.floats([64]));
      const [x, y, z] = inputs.map(({ data }) => [...data]);
      const all = (of: Trap["right"]) =>
        Float32Array.from(x!, (x, i) => flush(of(x, y![i]!, z![i]!)));
      const tested: Case = { inputs, emit: ([x, y, z]) => emit(x!, y!, z!) };
      assert.equal(build(tested).steps.length, 1, "apart, no driver sees them together");
      const states = await both(tested);
      const expected = all(right);
      assertSameBits(states.get("output0")!, expected, torment);
      if (all(wrong).some((value, i) => value !== expected[i])) shown = true;
    }
    assert.ok(shown, "what would be wrong shows nowhere");
  });
}

test("what overflows is found on every device", async () => {
  const huge = { shape: [3, 3], data: new Float32Array(9).fill(-(2 ** 127)) };
  const program = build({ inputs: [huge, huge], emit: ([a, b]) => maxMagnitude(matmul(a!, b!)) });
  const written = new Map([["input0", huge.data], ["input1", huge.data]]);
  for (const device of [cpu, simd, await webGpu()]) {
    const [largest] = (await execute(device, program, written)).get("output0")!;
    assert.ok(!Number.isFinite(largest), `${device.info.name} finds ${largest}`);
  }
});
