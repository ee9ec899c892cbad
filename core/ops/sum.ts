/**
 * Sums along axes. A long sum is split into chunks of {@link CHUNK} elements, each added
 * in ascending order, and the chunks' sums go into a fixed pairwise tree, so the order is the same
 * however many invocations share the work.
 */
import chunksWgsl from "../../shaders/sum_chunks.wgsl" with { type: "text" };
import treeWgsl from "../../shaders/sum_tree.wgsl" with { type: "text" };
import type { Kernel, View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { linear } from "./dispatch.ts";
import { expectRank, type Op, ShapeError, show, size, type TensorType, type Value } from "./op.ts";
import { repeat } from "./repeat.ts";
import { fill } from "./template.ts";

/** Elements that are added one after the other before the tree begins; never changes. */
export const CHUNK = 256;

const { fround } = Math;

/**
 * The sum of x over `axes` (all of them if left out), without keeping them.
 *
 * @throws {ShapeError} when an axis does not exist.
 */
export function sum(x: Value, axes: readonly number[] = x.shape.map((_, i) => i)): Value {
  for (const axis of axes) {
    if (!(axis in x.shape)) {
      throw new ShapeError(`${show(x.shape)} has no axis ${axis} to sum over`);
    }
  }
  const wanted = new Set(axes);
  const kept = x.shape.filter((_, axis) => !wanted.has(axis));
  let result = x;
  for (let last = x.shape.length - 1; last >= 0; last--) {
    if (!wanted.has(last)) continue;
    let first = last;
    while (wanted.has(first - 1)) first--;
    const outer = size(x.shape.slice(0, first));
    const length = size(x.shape.slice(first, last + 1));
    const inner = size(result.shape) / outer / length;
    result = sumMiddle(result.builder.reshape(result, [outer, length, inner]));
    last = first;
  }
  return result.builder.reshape(result, kept);
}

function sumMiddle(x: Value): Value {
  const partial = x.builder.apply(sumChunksOp, [x], {});
  const [outer, chunks, inner] = partial.shape as [number, number, number];
  const result = chunks === 1 ? partial : sumTree(partial);
  return x.builder.reshape(result, [outer, inner]);
}

/** [outer, length, inner] to [outer, 1, inner] by the fixed pairwise tree. */
export function sumTree(x: Value): Value {
  return x.builder.apply(sumTreeOp, [x], {});
}

/** [outer, length, inner] to [outer, chunks, inner]: each chunk in ascending order. */
export const sumChunksOp: Op<unknown> = {
  name: "sum_chunks",
  handsOver: true,
  infer([x]) {
    expectRank("the input", x!, 3);
    const [outer, length, inner] = x!.shape as [number, number, number];
    return { shape: [outer, Math.ceil(length / CHUNK), inner], type: "f32" };
  },
  kernel([x], y) {
    const [outer, length, inner] = x!.shape as [number, number, number];
    const chunks = y!.shape[1]!;
    const { workgroups, constants } = linear(size(y!.shape));
    return {
      name: "sum_chunks",
      dispatch: () => ({
        wgsl: fill(chunksWgsl, {
          ...constants,
          LENGTH: length,
          INNER: inner,
          CHUNKS: chunks,
          CHUNK,
        }),
        workgroups,
      }),
      bindings: [{ type: "f32", access: "read" }, { type: "f32", access: "write" }],
      reference([x, y]: readonly View[]) {
        for (let i = 0; i < constants.COUNT; i++) {
          const chunk = Math.floor(i / inner) % chunks;
          const base = Math.floor(i / inner / chunks) * length * inner + i % inner;
          const end = Math.min((chunk + 1) * CHUNK, length);
          let sum = 0;
          for (let k = chunk * CHUNK; k < end; k++) sum = fround(sum + x![base + k * inner]!);
          y![i] = flush(sum);
        }
      },
      simd: () => [{
        units: outer * chunks,
        work: size(x!.shape),
        stored: inner,
        calls: [{
          entry: "sum_chunks",
          arguments: [{ binding: 0 }, { binding: 1 }, length, inner, chunks, CHUNK],
        }],
      }],
    };
  },
  gradient: ({ inputs: [x] }, dy) => [repeat(dy, { length: x!.shape[1]!, each: CHUNK })],
};

/** The tree half; its order is written in the kernel's header. */
export const sumTreeOp: Op<unknown> = {
  name: "sum_tree",
  handsOver: true,
  infer([x]) {
    expectRank("the input", x!, 3);
    return { shape: [x!.shape[0]!, 1, x!.shape[2]!], type: "f32" };
  },
  kernel: ([x], y) => treeKernel(x!, y!, 0),
  gradient: ({ inputs: [x] }, dy) => {
    const length = x!.shape[1]!;
    return [repeat(dy, { length, each: length })];
  },
};

/** The tree of one part of the outer axis alone: [outer, length, inner] to [1, 1, inner]. */
export const sumTreePartOp: Op<{ readonly part: number }> = {
  name: "sum_tree_part",
  handsOver: true,
  infer([x]) {
    expectRank("the input", x!, 3);
    return { shape: [1, 1, x!.shape[2]!], type: "f32" };
  },
  kernel: ([x], y, { part }) => treeKernel(x!, y!, part),
};

/** @param first of the outer axis that the result's begins with. */
function treeKernel(x: TensorType, y: TensorType, first: number): Kernel {
  const [, length, inner] = x.shape as [number, number, number];
  const outer = y.shape[0]!;
  const { workgroups, constants } = linear(size(y.shape));
  const groups = Math.ceil(inner / 4);
  return {
    name: "sum_tree",
    dispatch: () => ({
      wgsl: fill(treeWgsl, { ...constants, FIRST: first, LENGTH: length, INNER: inner }),
      workgroups,
    }),
    bindings: [{ type: "f32", access: "read" }, { type: "f32", access: "write" }],
    reference([x, y]: readonly View[]) {
      const partial = new Float32Array(32);
      for (let i = 0; i < constants.COUNT; i++) {
        const base = (first + Math.floor(i / inner)) * length * inner + i % inner;
        for (let k = 0; k < length; k++) {
          let sum = x![base + k * inner]!;
          let level = 0;
          for (let rest = k; rest & 1; rest >>= 1) sum = fround(partial[level++]! + sum);
          partial[level] = sum;
        }
        let sum: number | undefined;
        for (let level = 0; length >> level; level++) {
          if (length >> level & 1) {
            sum = sum === undefined ? partial[level]! : fround(partial[level]! + sum);
          }
        }
        y![i] = flush(sum!);
      }
    },
    simd: () => [{
      units: outer * groups,
      work: outer * length * inner,
      ...(inner % 4 === 0 && { stored: 4 }),
      calls: [{
        entry: "sum_tree",
        arguments: [{ binding: 0 }, { binding: 1 }, length, inner, groups, first],
      }],
    }],
  };
}
