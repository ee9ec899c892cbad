/** Elementwise sum, difference and product with broadcasting; a bias is a sum. */
import addWgsl from "../../shaders/add.wgsl" with { type: "text" };
import multiplyWgsl from "../../shaders/multiply.wgsl" with { type: "text" };
import subtractWgsl from "../../shaders/subtract.wgsl" with { type: "text" };
import { broadcast, repeatedAxes } from "./broadcast.ts";
import { elementwiseOp } from "./elementwise.ts";
import { type Builder, type Op, ShapeError, type Stage, type Value } from "./op.ts";
import { sum } from "./sum.ts";

const { fround } = Math;
const STAGES = {
  add: { name: "add", wgsl: addWgsl, apply: (a, b) => fround(a + b), simd: true },
  subtract: { name: "subtract", wgsl: subtractWgsl, apply: (a, b) => fround(a - b), simd: true },
  multiply: { name: "multiply", wgsl: multiplyWgsl, apply: (a, b) => fround(a * b), simd: true },
} as const satisfies Readonly<Record<string, Stage>>;

/** The op behind {@link add}, {@link subtract} and {@link multiply}. */
export const arithmeticOp: Op<keyof typeof STAGES> = elementwiseOp({
  name: "arithmetic",
  infer([a, b]) {
    if (a!.type !== "f32" || b!.type !== "f32") {
      throw new ShapeError(`both operands must be f32, not ${a!.type} and ${b!.type}`);
    }
    return { shape: broadcast(a!.shape, b!.shape), type: "f32" };
  },
  stage: (kind) => STAGES[kind],
  gradient({ inputs: [a, b], attributes: kind }, dy) {
    if (kind === "add") return [unbroadcast(dy, a!), unbroadcast(dy, b!)];
    if (kind === "subtract") return [unbroadcast(dy, a!), unbroadcast(scale(dy, -1), b!)];
    return [unbroadcast(multiply(dy, b!), a!), unbroadcast(multiply(dy, a!), b!)];
  },
});

/** a + b, elementwise with broadcasting. */
export function add(a: Value, b: Value): Value {
  return a.builder.apply(arithmeticOp, [a, b], "add");
}

/** a - b, elementwise with broadcasting. */
export function subtract(a: Value, b: Value): Value {
  return a.builder.apply(arithmeticOp, [a, b], "subtract");
}

/** a * b, elementwise with broadcasting. */
export function multiply(a: Value, b: Value): Value {
  return a.builder.apply(arithmeticOp, [a, b], "multiply");
}

/** x * factor for a number known when the graph is built, rounded to f32. */
export function scale(x: Value, factor: number): Value {
  return multiply(x, scalar(x.builder, factor));
}

/** A scalar constant, rounded to f32. */
export function scalar(builder: Builder, value: number): Value {
  return builder.constant(new Float32Array([value]), []);
}

/** Sums a gradient over the axes along which `operand` was repeated. */
function unbroadcast(gradient: Value, operand: Value): Value {
  const axes = repeatedAxes(operand.shape, gradient.shape);
  if (axes.length === 0) return gradient;
  return gradient.builder.reshape(sum(gradient, axes), operand.shape);
}
