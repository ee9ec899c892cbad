/**
 * The torture set: every op, on shapes at the edges of its tiles and in every torment, so that one
 * line stands here for each.
 *
 * Infinity and NaN are not among the torments: what overflows is an error by the contract (point
 * 6), and what adapters make of it is not the same. That it is found, torture_test.ts shows.
 * Subnormal inputs only reach the ops that move bits; the others' are what was stored (point 5).
 */
import { gradients } from "../../core/graph/gradients.ts";
import type { Graph } from "../../core/graph/graph.ts";
import { adamOp } from "../../core/ops/adam.ts";
import { advance } from "../../core/ops/advance.ts";
import { copyOp } from "../../core/ops/copy.ts";
import * as ops from "../../core/ops/mod.ts";
import { conv2dInputGradient } from "../../core/ops/conv2d_input_gradient.ts";
import { conv2dWeightGradient } from "../../core/ops/conv2d_weight_gradient.ts";
import { gatherImages, recordWords } from "../../core/ops/gather_images.ts";
import { clampGradientOp } from "../../core/ops/clamp.ts";
import { follow } from "../../core/ops/follow.ts";
import { leakyReluGradientOp } from "../../core/ops/leaky_relu.ts";
import { marginGradientOp } from "../../core/ops/margin.ts";
import type { Shape } from "../../core/ops/op.ts";
import { record } from "../../core/ops/record.ts";
import { reluGradientOp } from "../../core/ops/relu.ts";
import { repeat } from "../../core/ops/repeat.ts";
import { rmspropOp } from "../../core/ops/rmsprop.ts";
import { seluGradientOp } from "../../core/ops/selu.ts";
import { sgdOp } from "../../core/ops/sgd.ts";
import { sigmoidGradientOp } from "../../core/ops/sigmoid.ts";
import { softmaxGradientOp } from "../../core/ops/softmax.ts";
import { softmaxCrossEntropyGradientOp } from "../../core/ops/softmax_cross_entropy.ts";
import { sumTree } from "../../core/ops/sum.ts";
import { upsampleGradientOp } from "../../core/ops/upsample.ts";
import { tanhGradientOp } from "../../core/ops/tanh.ts";
import { grouped, shapes } from "./conv2d_formula.ts";
import * as transposed from "./conv2d_transpose_formula.ts";
import type { Tensor } from "./numbers.ts";
import { Tormentor } from "./torments.ts";
import {
  backward,
  batchNorms,
  bounded,
  convolution,
  LENGTHS,
  matmul,
  one,
  pool,
  type Row,
  row,
  ROWS,
  shares,
  TRANSPOSED,
  two,
  UPSAMPLINGS,
} from "./torture_rows.ts";

/** Labels, the last of them no class. */
const labels = (from: Tormentor, [rows, classes]: readonly [number, number]): Tensor => ({
  shape: [rows],
  data: Uint32Array.from(
    { length: rows },
    (_, i) => i === rows - 1 ? classes : from.numbers.below(classes),
  ),
});

const ADAM = [0.9, 0.1, 0.999, 0.001, 0.01 / 0.271, 1 / Math.sqrt(0.003), 1e-7];

/** The ops by the names under which they are emitted. */
export const TORTURE: Readonly<Record<string, Row>> = {
  add: two(ops.add, 126),
  subtract: two(ops.subtract, 126),
  multiply: two(ops.multiply, 63),
  scale: one((x) => ops.scale(x, 1 / 3), 127),
  relu: one(ops.relu, 127),
  sigmoid: one(ops.sigmoid, 127),
  leakyRelu: one((x) => ops.leakyRelu(x, { slope: 0.2 }), 127),
  selu: one(ops.selu, 126),
  tanh: one(ops.tanh, 127),
  reluGradient: backward(reluGradientOp, {}),
  sigmoidGradient: backward(sigmoidGradientOp, {}, shares),
  leakyReluGradient: backward(leakyReluGradientOp, { slope: 0.2 }),
  seluGradient: backward(seluGradientOp, {}),
  tanhGradient: backward(tanhGradientOp, {}, bounded),
  clamp: one((x) => ops.clamp(x, { from: -1 / 3, to: 1.7 }), 127),
  clampGradient: backward(clampGradientOp, { from: -1 / 3, to: 1.7 }),
  attackStep: row<readonly [Shape, number, number]>({
    of: [[[1], 0.3, 0.1], [[63], 1 / 255, -1], [[64], 1e-9, 0.01], [[65], 1, 2 ** -51]],
    greatest: 125,
    inputs: (from, [shape, ...sizes]) => [
      ...[from.floats(shape), from.floats(shape), from.floats(shape)],
      { shape: [2], data: Float32Array.from(sizes) },
    ],
    emit: ([x, gradient, origin, sizes]) => ops.attackStep(x!, gradient!, origin!, sizes!),
  }),
  rescaleRows: row<readonly [Shape, number]>({
    of: [[[1], 2], [[63, 7], 1 / 3], [[3, 256], -5], [[2, 257], 1e-9], [[5, 2, 103], 70]],
    greatest: 100,
    inputs: (from, [shape, radius]) => [
      from.floats(shape),
      { shape: [1], data: Float32Array.of(radius) },
    ],
    emit: ([x, radius]) => [false, true].map((atMost) => ops.rescaleRows(x!, radius!, { atMost })),
  }),
  dropout: row<readonly [number, number]>({
    of: [[1, 0.5], [63, 0.1], [64, 0], [65, 0.75], [131, 0.5]],
    greatest: 125,
    inputs: (from, [count]) => [from.floats([count]), from.words([2]), from.words([1])],
    emit: ([x, key, step], [, rate]) => ops.dropout(x!, key!, step!, { rate }),
  }),
  binaryCrossEntropy: row<Shape>({
    of: LENGTHS,
    greatest: 125,
    inputs: (from, shape) => [from.floats(shape), shares(from, shape)],
    emit([logits, targets]) {
      const losses = ops.binaryCrossEntropy(logits!, targets!);
      return [losses, ...gradients(logits!.builder as Graph, ops.mean(losses), [logits!])];
    },
  }),
  matmul: matmul(false, false),
  "matmul, a transposed": matmul(true, false),
  "matmul, b transposed": matmul(false, true),
  "matmul, both transposed": matmul(true, true),
  conv2d: convolution(0, [1, 2], (x, weights, c) => ops.conv2d(x, weights, c)),
  conv2dInputGradient: convolution(
    1,
    [0, 2],
    (dy, weights, c) => conv2dInputGradient(dy, weights, { ...c, input: shapes(c).x }),
  ),
  conv2dWeightGradient: convolution(
    2,
    [1, 0],
    (x, dy, c) => conv2dWeightGradient(x, dy, { ...c, weights: shapes(c).weights }),
  ),
  conv2dTranspose: row<transposed.Transposed>({
    of: TRANSPOSED,
    inputs(from, t) {
      const { x, weights } = transposed.shapes(t);
      return [from.floats(x), from.floats(weights)];
    },
    emit: ([x, weights], t) => ops.conv2dTranspose(x!, weights!, t),
    products: (t, [x, weights]) => {
      const length = transposed.shapes(t).y.reduce((a, b) => a * b);
      return grouped(transposed.products(t), 0, [1, 2], [x!.data, weights!.data], length);
    },
  }),
  maxPool: pool(false),
  maxPoolGradient: pool(true),
  batchNorm: batchNorms(true),
  "batchNorm, given moments": batchNorms(false),
  follow: row<Shape>({
    of: LENGTHS,
    greatest: 126,
    inputs: (from, shape) => [from.floats(shape), from.floats(shape)],
    emit: ([value, running]) => follow(value!, running!, { keep: 0.9, share: 0.1 * 7 / 6 }),
  }),
  sum: row<Shape>({
    of: [[1], [255], [3, 256], [257], [2, 8, 33], [1031]],
    greatest: 115,
    inputs: (from, shape) => [from.floats(shape)],
    emit: ([x]) => ops.sum(x!, x!.shape.length > 1 ? [1] : [0]),
    products: (shape, [x]) =>
      shape.length === 1 && shape[0]! < 256 ? [[...x!.data].map((value) => [value, 1])] : [],
  }),
  sumOfSquares: row<Shape>({
    of: [[1], [255], [2, 128], [257], [1031]],
    greatest: 127,
    inputs: (from, shape) => [from.floats(shape), from.bits(shape)],
    emit: (tensors) => tensors.map((x) => ops.sumOfSquares(x)),
  }),
  sumTree: row<Shape>({
    of: [[1, 1, 1], [1, 7, 5], [2, 8, 64], [1, 31, 3], [1, 65, 2]],
    greatest: 115,
    inputs: (from, shape) => [from.floats(shape)],
    emit: ([x]) => sumTree(x!),
  }),
  mean: one((x) => ops.mean(x), 115),
  repeat: row<readonly [number, number, number]>({
    of: [[1, 1, 1], [3, 64, 5], [1, 131, 50]],
    inputs: (from, [outer, length, each]) => [from.floats([outer, Math.ceil(length / each), 3])],
    emit: ([x], [, length, each]) => repeat(x!, { length, each }),
  }),
  transpose: row<Shape>({
    of: [[1, 1], [7, 9], [2, 13, 5], [64, 1]],
    inputs: (from, shape) => [from.floats(shape)],
    emit: ([x]) => ops.transpose(x!),
  }),
  upsample: row<(typeof UPSAMPLINGS)[number]>({
    of: UPSAMPLINGS,
    inputs: (from, [batch, height, width, channels]) => [
      from.floats([batch, height, width, channels]),
    ],
    emit: ([x], [, , , , factor]) => ops.upsample(x!, { factor }),
  }),
  upsampleGradient: row<(typeof UPSAMPLINGS)[number]>({
    of: UPSAMPLINGS,
    greatest: 115,
    inputs: (from, [batch, height, width, channels, factor]) => [
      from.floats([batch, height * factor, width * factor, channels]),
    ],
    emit: ([dy], [batch, height, width, channels, factor]) =>
      dy!.builder.apply(upsampleGradientOp, [dy!], {
        input: [batch, height, width, channels],
        factor,
      }),
  }),
  softmax: row<readonly [number, number]>({
    of: ROWS,
    greatest: 126,
    inputs: (from, shape) => [from.floats(shape)],
    emit: ([logits]) => ops.softmax(logits!),
  }),
  softmaxGradient: row<readonly [number, number]>({
    of: ROWS,
    greatest: 39,
    inputs: (from, shape) => [from.floats(shape), from.floats(shape)],
    emit: ([y, dy]) => y!.builder.apply(softmaxGradientOp, [y!, dy!], {}),
  }),
  softmaxCrossEntropy: row<readonly [number, number]>({
    of: ROWS,
    greatest: 115,
    inputs: (from, shape) => [from.floats(shape), labels(from, shape)],
    emit([logits, labels]) {
      const losses = ops.softmaxCrossEntropy(logits!, labels!);
      return [losses, ...gradients(logits!.builder as Graph, ops.mean(losses), [logits!])];
    },
  }),
  softmaxCrossEntropyAlone: row<readonly [number, number]>({
    of: ROWS,
    greatest: 115,
    inputs: (from, shape) => [from.floats(shape), labels(from, shape), from.floats([shape[0]])],
    emit: ([logits, labels, dy]) => [
      ops.softmaxCrossEntropy(logits!, labels!),
      logits!.builder.apply(softmaxCrossEntropyGradientOp, [logits!, labels!, dy!], {}),
    ],
  }),
  softCrossEntropy: row<readonly [number, number]>({
    of: ROWS,
    greatest: 115,
    inputs: (from, shape) => [from.floats(shape), shares(from, shape), from.floats([shape[0]])],
    emit([logits, p, dy]) {
      const losses = ops.softCrossEntropy(logits!, p!);
      const loss = ops.sum(ops.multiply(losses, dy!));
      return [losses, ...gradients(logits!.builder as Graph, loss, [logits!])];
    },
  }),
  margin: row<readonly [number, number]>({
    of: [[1, 2], [63, 10], [65, 3], [7, 17]],
    greatest: 126,
    inputs: (from, shape) => [from.floats(shape), labels(from, shape), from.floats([shape[0]])],
    emit([logits, labels, dy]) {
      const gradient = logits!.builder.apply(marginGradientOp, [logits!, labels!, dy!], {});
      return [ops.margin(logits!, labels!), gradient];
    },
  }),
  correct: row<readonly [number, number]>({
    of: ROWS,
    greatest: 127,
    inputs: (from, shape) => [from.floats(shape), labels(from, shape)],
    emit: ([logits, labels]) => ops.correct(logits!, labels!),
  }),
  adam: row<Shape>({
    of: LENGTHS,
    greatest: 50,
    inputs: (from, shape) => [
      ...[from.floats(shape), from.floats(shape), from.floats(shape), from.magnitudes(shape)],
      { shape: [7], data: Float32Array.from(ADAM) },
    ],
    emit: (flat) => flat[0]!.builder.effect(adamOp, flat, {}),
  }),
  rmsprop: row<Shape>({
    of: LENGTHS,
    greatest: 50,
    inputs: (from, shape) => [
      ...[from.floats(shape), from.floats(shape), from.magnitudes(shape)],
      { shape: [4], data: Float32Array.of(0.9, 0.1, 0.01, 1e-7) },
    ],
    emit: (flat) => flat[0]!.builder.effect(rmspropOp, flat, {}),
  }),
  sgd: row<Shape>({
    of: LENGTHS,
    greatest: 125,
    inputs: (from, shape) => [
      ...[from.floats(shape), from.floats(shape)],
      { shape: [1], data: Float32Array.of(1 / 3) },
    ],
    emit: (flat) => flat[0]!.builder.effect(sgdOp, flat, {}),
  }),
  maxMagnitude: row<Shape>({
    of: [[1], [511], [512], [513], [7, 151]],
    inputs: (from, shape) => [from.bits(shape)],
    emit: ([x]) => ops.maxMagnitude(x!),
  }),
  histogram: row<readonly [Shape, number]>({
    of: [[[1], 1], [[63], 2], [[1024], 65], [[5, 205], 12], [[2, 1031], 1024]],
    greatest: 127,
    inputs: (from, [shape]) => [from.floats(shape), from.bits(shape)],
    emit: (tensors, [, bins]) =>
      tensors.map((x) => ops.histogram(x, { from: -1 / 3, to: 1.7, bins })),
  }),
  copy: row<Shape>({
    of: LENGTHS,
    inputs: (from, shape) => [from.bits(shape), from.words(shape)],
    emit: (values) => values.map((x) => x.builder.apply(copyOp, [x], {})),
  }),
  gather: row<readonly [number, number]>({
    of: [[1, 1], [64, 3], [13, 65]],
    inputs: (from, [rows, width]) => [from.bits([rows, width]), from.numbers.indices(67, rows + 1)],
    emit: ([table, indices]) => ops.gather(table!, indices!),
  }),
  gatherImages: row<readonly [Shape, number, number]>({
    of: [[[1, 1, 1], 1, 1], [[3, 7, 1], 5, 1], [[4, 4, 3], 64, 1], [[5, 3, 3], 7, 3]],
    inputs: (from, [image, records, tables]) => [
      from.numbers.indices(9, records + 1),
      from.floats([tables, 256]),
      from.words([records * recordWords(image)]),
    ],
    emit: ([indices, table, shard], [image, records]) =>
      gatherImages(indices!, table!, [shard!], { image, records, perShard: records }),
  }),
  record: row<readonly [number, number]>({
    of: [[1, 1], [64, 2]],
    inputs: (from, ring) => [from.floats([]), from.words([1]), from.floats(ring)],
    emit: ([x, cursor, ring], [, columns]) => record(x!, cursor!, ring!, columns - 1),
  }),
  advance: row<Shape>({
    of: [[1], [63], [64], [65]],
    inputs: (from, shape) => [from.words(shape)],
    emit: ([counters]) => advance(counters!),
  }),
  random: row<readonly ["uniform" | "normal", number]>({
    of: [["uniform", 1], ["uniform", 257], ["normal", 63], ["normal", 131]],
    inputs: (from) => [from.words([2]), from.words([1])],
    emit: ([key, step], [kind, count]) => ops.random(key!, step!, { kind, shape: [count] }),
  }),
  distances: row<readonly ["l1" | "l2", number, number, number]>({
    of: [["l1", 1, 1, 1], ["l1", 31, 33, 16], ["l2", 33, 31, 17], ["l2", 7, 65, 5]],
    inputs: (from, [, queries, records, words]) => [
      from.words([queries, words]),
      from.words([records, words]),
    ],
    emit: ([queries, records], [metric]) => ops.distances(queries!, records!, { metric }),
  }),
  nearest: row<readonly [number, number]>({
    of: [[1, 1], [5, 63], [3, 65], [65, 7]],
    inputs: (from, shape) => [from.words(shape), from.words(shape)],
    emit: ([a, b]) => ops.nearest([a!, b!]),
  }),
};
