/**
 * What an op is: a shape rule, one kernel in its two forms, and a gradient rule. One op a file; a
 * gradient rule receives the values it needs and emits further ops through their builder, so ops
 * know nothing of the graph above them.
 */
import type { ElementType, Kernel } from "../device/program.ts";

/** Sizes of a tensor's axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** What is known of a tensor before any number is: its shape and element type. */
export interface TensorType {
  readonly shape: Shape;
  readonly type: ElementType;
}

/** A symbolic tensor: a result that an op will have when the program runs. */
export interface Value extends TensorType {
  readonly id: number;
  readonly builder: Builder;
}

/** What ops are emitted into; `core/graph` has the one implementation. */
export interface Builder {
  /** Emits an op that has a result. */
  apply<A>(op: Op<A>, inputs: readonly Value[], attributes: A): Value;
  /** Emits an op that only updates some of its inputs in place. */
  effect<A>(op: Op<A>, inputs: readonly Value[], attributes: A): void;
  /** The same elements under another shape of equal size. */
  reshape(value: Value, shape: Shape): Value;
  /** A tensor of fixed numbers. */
  constant(data: Float32Array | Uint32Array, shape: Shape): Value;
}

/** What a gradient rule may look at. */
export interface Applied<A> {
  readonly inputs: readonly Value[];
  readonly output: Value;
  readonly attributes: A;
}

/** An elementwise function, in WGSL and in TypeScript. */
export interface Stage {
  readonly name: string;
  /** WGSL with `fn apply(x: f32) -> f32`, or `fn apply(x: f32, operand: f32) -> f32`. */
  readonly wgsl: string;
  /** WGSL that `wgsl` builds on, in order. */
  readonly libraries?: readonly string[];
  apply(x: number, operand: number): number;
  /** f32 numbers that `wgsl` uses by name; the SIMD kernel's last arguments, as bits. */
  readonly constants?: Readonly<Record<string, number>>;
  /** There is a SIMD kernel of this name. */
  readonly simd?: true;
}

/** An op: everything that is known of one kind of step. */
export interface Op<A> {
  readonly name: string;
  /** The result's type; `undefined` for an op that only updates inputs. Throws {@link ShapeError}. */
  infer(inputs: readonly TensorType[], attributes: A): TensorType | undefined;
  /**
   * The dispatch; its bindings are the inputs in order (of an elementwise op the first only), then
   * the output if there is one.
   */
  kernel(inputs: readonly TensorType[], output: TensorType | undefined, attributes: A): Kernel;
  /**
   * The kernel passes each element that it stores through the WGSL function `finish(i, x)`, with its
   * index i in the flat output: elementwise ops that follow can be fused to it.
   */
  readonly handsOver?: true;
  /** What an elementwise op does to the elements that are handed over to it. */
  stage?(attributes: A): Stage;
  /**
   * An op of the same first inputs whose result this op's work gives as well: a kernel that gives
   * both, its bindings this op's inputs, the other's result and this one's.
   */
  readonly includes?: {
    readonly op: Op<A>;
    kernel(inputs: readonly TensorType[], attributes: A): Kernel;
  };
  /**
   * The gradient with respect to each input, given that with respect to the output; `undefined`
   * for inputs that have none (labels, indices). Ops without this rule cannot be differentiated.
   */
  gradient?(applied: Applied<A>, outputGradient: Value): readonly (Value | undefined)[];
}

/** Tensors that do not fit together; the graph adds the layer's name. */
export class ShapeError extends Error {
  override name = "ShapeError";
}

/** Number of elements of a shape. */
export function size(shape: Shape): number {
  return shape.reduce((product, axis) => product * axis, 1);
}

/** A shape for people: `[64, 32, 32, 3]`. */
export function show(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((axis, i) => axis === b[i]);
}

/** @throws {ShapeError} unless the tensor has the given number of axes and element type. */
export function expectRank(
  name: string,
  tensor: TensorType,
  rank: number,
  type: ElementType = "f32",
): void {
  if (tensor.shape.length !== rank || tensor.type !== type) {
    throw new ShapeError(
      `${name} must be ${type} with ${rank} axes, not ${tensor.type} ${show(tensor.shape)}`,
    );
  }
}
