/**
 * Register tiles, shared by the matrix product and the convolutions: each invocation computes
 * ROWS x VECTORS * 4 outputs, so that a loaded number serves many products. Tile sizes change the
 * speed and never the order of a sum, hence never a bit.
 */
import strided from "../../shaders/lib/columns_strided.wgsl" with { type: "text" };
import aligned from "../../shaders/lib/columns_aligned.wgsl" with { type: "text" };
import { WORKGROUP, type Workgroups } from "./dispatch.ts";
import type { Constants } from "./template.ts";

/** A tiled dispatch over a matrix of outputs. */
export interface Tile {
  /** The WGSL that reads operand b and writes the output by groups of four columns. */
  readonly columns: string;
  readonly constants: Constants;
  readonly workgroups: Workgroups;
}

/**
 * Lays tiles over `rows` x `columns` outputs.
 *
 * @param columnStride distance in elements between neighbouring columns of operand b.
 * @param depth independent layers of the dispatch (chunks of a long reduction).
 * @param tileRows rows of outputs per invocation.
 */
export function tile(
  rows: number,
  columns: number,
  columnStride: number,
  depth = 1,
  tileRows = 8,
): Tile {
  const vectors = columns <= 4 ? 1 : 2;
  const across = Math.ceil(columns / (4 * vectors));
  const width = Math.min(8, 2 ** Math.ceil(Math.log2(across)));
  const height = WORKGROUP / width;
  return {
    columns: columnStride === 1 && columns % 4 === 0 ? aligned : strided,
    constants: {
      ROWS: tileRows,
      VECTORS: vectors,
      M: rows,
      STORED_ROWS: rows * depth,
      N: columns,
      COLUMN_STRIDE: columnStride,
      WIDTH: width,
      HEIGHT: height,
    },
    workgroups: [Math.ceil(across / width), Math.ceil(Math.ceil(rows / tileRows) / height), depth],
  };
}

/** How many products of a run of `length` are written out per turn of the loop; it must divide it. */
export function unroll(length: number): number {
  return [4, 3, 2].find((n) => length % n === 0) ?? 1;
}
