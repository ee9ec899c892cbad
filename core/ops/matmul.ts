/** Matrix product in its three transpositions: a b, transposed a b, a transposed b. */
import wgsl from "../../shaders/matmul.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { packed, packedBytes, packedStrides, product } from "./chains.ts";
import { expectRank, type Op, ShapeError, show, type TensorType, type Value } from "./op.ts";
import { productAcrossDispatch, productDispatch } from "./product.ts";

/** Which operands are stored transposed. */
export interface MatmulAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/**
 * The product of a [m, k] and b [k, n], each given transposed where the attributes say so.
 * Order of each sum: k ascending, in one chain.
 *
 * @throws {ShapeError} unless both are f32 matrices whose inner sizes agree.
 */
export function matmul(a: Value, b: Value, attributes: Partial<MatmulAttributes> = {}): Value {
  return a.builder.apply(matmulOp, [a, b], { transposeA: false, transposeB: false, ...attributes });
}

const { fround } = Math;

/** The op behind {@link matmul}. */
export const matmulOp: Op<MatmulAttributes> = {
  name: "matmul",
  handsOver: true,
  infer([a, b], attributes) {
    const { m, n } = sizes(a!, b!, attributes);
    return { shape: [m, n], type: "f32" };
  },
  kernel([a, b], _output, attributes) {
    const { m, n, k, aRow, aColumn, bRow, bColumn } = sizes(a!, b!, attributes);
    const operands = {
      wgsl,
      constants: { A_ROW: aRow, A_COLUMN: aColumn },
      rows: m,
      columns: n,
      bRow,
      bColumn,
    };
    return {
      name: "matmul",
      dispatch: (adapter) =>
        attributes.transposeA
          ? productAcrossDispatch(adapter, { ...operands, depth: k, aligned: m % 4 === 0 })
          : productDispatch(adapter, {
            ...operands,
            segments: 1,
            length: k,
            aligned: k % 4 === 0,
          }),
      bindings: [
        { type: "f32", access: "read" },
        { type: "f32", access: "read" },
        { type: "f32", access: "write" },
      ],
      reference([a, b, c]: readonly View[]) {
        const row = new Float32Array(n);
        for (let i = 0; i < m; i++) {
          row.fill(0);
          for (let l = 0; l < k; l++) {
            const factor = a![i * aRow + l * aColumn]!;
            const base = l * bRow;
            for (let j = 0; j < n; j++) row[j] = row[j]! + fround(factor * b![base + j * bColumn]!);
          }
          for (let j = 0; j < n; j++) c![i * n + j] = flush(row[j]!);
        }
      },
      simd() {
        const panels = { scratch: 0, bytes: packedBytes(k, n) };
        return [
          packed({
            b: { binding: 1 },
            to: panels,
            runs: [{ offset: 0, length: k }],
            columns: n,
            rowStep: bRow,
            columnStep: bColumn,
          }),
          product({
            a: { binding: 0 },
            b: panels,
            c: { binding: 2 },
            columns: n,
            groups: [{
              rows: Array.from({ length: m }, (_, i) => [i * aRow, i * n] as const),
              segments: [{ offset: 0, length: k }],
              b: 0,
            }],
            step: aColumn,
            bStrides: packedStrides(k),
            inOrder: true,
          }),
        ];
      },
    };
  },
  gradient({ inputs: [a, b], attributes: { transposeA, transposeB } }, dy) {
    const da = transposeA
      ? matmul(b!, dy, { transposeA: transposeB, transposeB: true })
      : matmul(dy, b!, { transposeB: !transposeB });
    const db = transposeB
      ? matmul(dy, a!, { transposeA: true, transposeB: transposeA })
      : matmul(a!, dy, { transposeA: !transposeA });
    return [da, db];
  },
};

function sizes(a: TensorType, b: TensorType, { transposeA, transposeB }: MatmulAttributes) {
  expectRank("the left operand", a, 2);
  expectRank("the right operand", b, 2);
  const [aRows, aColumns] = a.shape as [number, number];
  const [bRows, bColumns] = b.shape as [number, number];
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [inner, n] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
  if (k !== inner) {
    throw new ShapeError(
      `the product of ${show(a.shape)}${transposeA ? " transposed" : ""} and ${show(b.shape)}${
        transposeB ? " transposed" : ""
      } needs equal inner sizes, but they are ${k} and ${inner}; give the right operand ${k} rows`,
    );
  }
  return {
    m,
    n,
    k,
    aRow: transposeA ? 1 : aColumns,
    aColumn: transposeA ? aColumns : 1,
    bRow: transposeB ? 1 : bColumns,
    bColumn: transposeB ? bColumns : 1,
  };
}
