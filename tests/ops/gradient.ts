/** Gradients and values of an op against its formula in f64. */
import assert from "node:assert/strict";
import { gradients } from "../../core/graph/gradients.ts";
import type { Graph } from "../../core/graph/graph.ts";
import { multiply } from "../../core/ops/arithmetic.ts";
import { size, type Value } from "../../core/ops/op.ts";
import { sum } from "../../core/ops/sum.ts";
import { reference } from "./harness.ts";
import type { Numbers, Tensor } from "./numbers.ts";

/** An op and what it means. */
export interface Differentiable {
  readonly inputs: readonly Tensor[];
  emit(inputs: readonly Value[]): Value;
  /** The same in f64, from the inputs' numbers in order. */
  formula(inputs: readonly (readonly number[])[]): readonly number[];
  /** Which inputs have gradients; all if left out. */
  readonly wrt?: readonly number[];
}

/** Largest error, relative to the largest magnitude of the tensor or to 1, if that is larger. */
const TOLERANCE = 2e-5;
/** Step of the central differences. */
const STEP = 1e-4;

/**
 * Checks an op's reference and its gradient rule: values against the formula, gradients of a
 * randomly weighted sum of the outputs against central differences of the formula.
 */
export async function checkMeaning(op: Differentiable, numbers: Numbers): Promise<void> {
  const plain = op.inputs.map(({ data }) => [...data]);
  const expected = op.formula(plain);
  const weights = numbers.plain([expected.length]);
  const wrt = op.wrt ?? op.inputs.map((_, i) => i);
  const states = await reference({
    inputs: [...op.inputs, weights],
    emit(values) {
      const weighting = values.at(-1)!;
      const output = op.emit(values.slice(0, -1));
      assert.equal(size(output.shape), expected.length);
      const { builder } = output;
      const loss = sum(multiply(output, builder.reshape(weighting, output.shape)));
      return [output, ...gradients(builder as Graph, loss, wrt.map((i) => values[i]!))];
    },
  });
  assertClose(states.get("output0")!, expected, "the output", TOLERANCE, 1);

  const loss = () =>
    op.formula(plain).reduce((total, value, i) => total + value * weights.data[i]!, 0);
  wrt.forEach((index, position) => {
    const input = plain[index]!;
    const differences = input.map((value, i) => {
      input[i] = value + STEP;
      const above = loss();
      input[i] = value - STEP;
      const below = loss();
      input[i] = value;
      return (above - below) / (2 * STEP);
    });
    const what = `the gradient of input ${index}`;
    assertClose(states.get(`output${position + 1}`)!, differences, what, TOLERANCE, 1);
  });
}

/** Fails where an element is off by more than `tolerance` of the largest magnitude or of `floor`. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  what: string,
  tolerance = 1e-5,
  floor = 1e-6,
): void {
  assert.equal(actual.length, expected.length, `${what}: lengths differ`);
  const largest = Array.from(expected).reduce((most, x) => Math.max(most, Math.abs(x)), floor);
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    assert.ok(
      error <= tolerance * largest,
      `${what}: element ${i} is ${actual[i]}, not ${expected[i]} (largest ${largest})`,
    );
  }
}
