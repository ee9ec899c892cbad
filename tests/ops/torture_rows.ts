/** What the lines of the torture set (torture.ts) are made of, for ops of one family. */
import { gradients } from "../../core/graph/gradients.ts";
import type { Graph } from "../../core/graph/graph.ts";
import { batchNorm } from "../../core/ops/batch_norm.ts";
import * as ops from "../../core/ops/mod.ts";
import { maxPoolGradientOp } from "../../core/ops/max_pool.ts";
import { moments } from "../../core/ops/moments.ts";
import type { Op, Shape, Value } from "../../core/ops/op.ts";
import { type Convolution, grouped, products, shapes } from "./conv2d_formula.ts";
import * as transposed from "./conv2d_transpose_formula.ts";
import type { Case, Products } from "./harness.ts";
import type { Tensor } from "./numbers.ts";
import { type Torment, Tormentor } from "./torments.ts";

/** One op. */
export interface Row {
  /** Its sizes, as they stand in its line. */
  readonly sizes: readonly string[];
  /** The case of the size of that index, its numbers drawn in a torment. */
  make(size: number, torment: Torment): Case;
  /** Of sums: what each output is the sum of, in order. */
  products?(size: number, inputs: readonly Tensor[]): Products[];
}

/** One op's line. */
interface Plan<S> {
  readonly of: readonly S[];
  /** Exponent of the greatest inputs; 58, so that sums of products do not overflow. */
  readonly greatest?: number;
  inputs(from: Tormentor, size: S): readonly Tensor[];
  emit(inputs: readonly Value[], size: S): ReturnType<Case["emit"]>;
  products?(size: S, inputs: readonly Tensor[]): Products[];
}

export function row<S>({ of, greatest = 58, inputs, emit, products }: Plan<S>): Row {
  return {
    sizes: of.map((size) => JSON.stringify(size)),
    make: (size, torment) => ({
      inputs: inputs(new Tormentor(torment, size, greatest), of[size]!),
      emit: (values) => emit(values, of[size]!),
    }),
    ...(products && { products: (size, inputs) => products(of[size]!, inputs) }),
  };
}

/** One below a workgroup, one, one above, a prime of several, and a single element. */
export const LENGTHS = [[1], [63], [64], [65], [1, 131]];
const PAIRS = [
  [[1], [1]],
  [[63], [63]],
  [[5, 13], [13]],
  [[64], [1]],
  [[3, 1, 43], [7, 1]],
] as const;
export const ROWS = [[1, 1], [63, 10], [65, 3], [7, 17]] as const;
const MATRICES = [
  [1, 1, 1],
  [15, 3, 17],
  [16, 4, 16],
  [17, 5, 15],
  [129, 7, 2],
  [4, 128, 12],
] as const;

export const one = (emit: (x: Value) => Value, greatest: number) =>
  row<Shape>({
    of: LENGTHS,
    greatest,
    inputs: (from, shape) => [from.floats(shape)],
    emit: ([x]) => emit(x!),
  });

export const two = (emit: (a: Value, b: Value) => Value, greatest: number) =>
  row<readonly [Shape, Shape]>({
    of: PAIRS,
    greatest,
    inputs: (from, [a, b]) => [from.floats(a), from.floats(b)],
    emit: ([a, b]) => emit(a!, b!),
  });

/** Of the gradient of an elementwise function, from its output's values `y`. */
export const backward = <A>(
  op: Op<A>,
  attributes: A,
  y: (from: Tormentor, shape: Shape) => Tensor = (from, shape) => from.floats(shape),
) =>
  row<Shape>({
    of: LENGTHS,
    inputs: (from, shape) => [from.floats(shape), y(from, shape)],
    emit: ([dy, y]) => dy!.builder.apply(op, [dy!, y!], attributes),
  });

/** From 0 to 1. */
export const shares = (from: Tormentor, shape: Shape): Tensor => {
  const { data } = from.magnitudes(shape);
  return { shape, data: data.map((y) => Math.min(y, 1)) };
};

/** From -1 to 1. */
export const bounded = (from: Tormentor, shape: Shape): Tensor => {
  const { data } = from.floats(shape);
  return { shape, data: data.map((y) => Math.max(-1, Math.min(y, 1))) };
};

export const matmul = (transposeA: boolean, transposeB: boolean) =>
  row<readonly [number, number, number]>({
    of: MATRICES,
    inputs: (from, [m, k, n]) => [
      from.floats(transposeA ? [k, m] : [m, k]),
      from.floats(transposeB ? [n, k] : [k, n]),
    ],
    emit: ([a, b]) => ops.matmul(a!, b!, { transposeA, transposeB }),
    products: ([m, k, n], [a, b]) =>
      Array.from({ length: m * n }, (_, i) => {
        const [row, column] = [Math.floor(i / n), i % n];
        return Array.from({ length: k }, (_, l) =>
          [
            a!.data[transposeA ? l * m + row : row * k + l]!,
            b!.data[transposeB ? column * k + l : l * n + column]!,
          ] as const);
      }),
  });

const base = { batch: 2, height: 5, width: 6, kernelHeight: 3, kernelWidth: 2, stride: 1 };
const CONVOLUTIONS: readonly Convolution[] = [
  { ...base, channels: 1, filters: 1, padding: "valid" },
  { ...base, channels: 4, filters: 16, padding: "same" },
  { ...base, channels: 3, filters: 17, padding: "valid" },
  { ...base, channels: 5, filters: 4, padding: 1, stride: 2 },
];

/** Every sum's products by row, column and channel of the weights, then by pixel. */
const ordered = (c: Convolution) => products(c).sort((a, b) => a[2] - b[2]);

/** One direction of a convolution: two of output, input and weights give the third. */
export const convolution = (
  to: 0 | 1 | 2,
  from: readonly [0 | 1 | 2, 0 | 1 | 2],
  emit: (a: Value, b: Value, c: Convolution) => Value,
) => {
  const shapesOf = (c: Convolution) => {
    const { x, weights, y } = shapes(c);
    return [y, x, weights] as const;
  };
  return row<Convolution>({
    of: CONVOLUTIONS,
    inputs: (draw, c) => from.map((which) => draw.floats(shapesOf(c)[which])),
    emit: ([a, b], c) => emit(a!, b!, c),
    products: (c, [a, b]) =>
      grouped(ordered(c), to, from, [a!.data, b!.data], shapesOf(c)[to].reduce((a, b) => a * b)),
  });
};

export const TRANSPOSED: readonly transposed.Transposed[] = [
  { ...base, channels: 1, filters: 1, padding: "valid", outputPadding: 0 },
  { ...base, height: 1, width: 1, channels: 16, filters: 4, padding: "valid", outputPadding: 0 },
  { ...base, channels: 3, filters: 17, padding: "same", stride: 2, outputPadding: 0 },
  { ...base, channels: 4, filters: 5, padding: 1, stride: 3, outputPadding: 2 },
];

export const UPSAMPLINGS = [[1, 1, 1, 1, 2], [2, 3, 5, 4, 3], [1, 7, 3, 5, 1], [
  3,
  2,
  2,
  17,
  2,
]] as const;

const POOLS = [
  [1, 4, 4, 1, 2, 2],
  [2, 7, 5, 3, 3, 2],
  [1, 9, 8, 5, 2, 3],
  [3, 5, 5, 2, 3, 1],
] as const;

export const pool = (backward: boolean) =>
  row<(typeof POOLS)[number]>({
    of: POOLS,
    inputs(from, [batch, height, width, channels, size, stride]) {
      const out = (length: number) => Math.floor((length - size) / stride) + 1;
      const x = from.floats([batch, height, width, channels]);
      return backward ? [x, from.floats([batch, out(height), out(width), channels])] : [x];
    },
    emit: ([x, dy], [, , , , size, stride]) =>
      dy
        ? x!.builder.apply(maxPoolGradientOp, [x!, dy], { size, stride })
        : ops.maxPool(x!, { size, stride }),
  });

/** A batch normalisation and its gradients, by x's own moments or by given ones. */
export const batchNorms = (own: boolean) =>
  row<readonly [number, number]>({
    of: [[1, 1], [2, 65], [17, 7], [256, 4], [257, 5], [600, 16]],
    greatest: 50,
    inputs: (from, [n, channels]) => [
      ...[[n, channels], [channels], [channels], [n, channels], [channels]].map((shape) =>
        from.floats(shape)
      ),
      from.magnitudes([channels]),
    ],
    emit([x, gamma, beta, dy, mean, variance]) {
      const of = own ? moments(x!) : { mean: mean!, variance: variance! };
      const y = batchNorm(x!, { ...of, gamma: gamma!, beta: beta! }, { epsilon: 1e-5, own });
      const loss = ops.sum(ops.multiply(y, dy!));
      return [y, ...gradients(y.builder as Graph, loss, [x!, gamma!, beta!])];
    },
  });
