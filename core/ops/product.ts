/** Dispatches of the tiled sums of products, which matmul and the convolutions share. */
import acrossAligned from "../../shaders/lib/across_aligned.wgsl" with { type: "text" };
import acrossScattered from "../../shaders/lib/across_scattered.wgsl" with { type: "text" };
import columnsAligned from "../../shaders/lib/columns_aligned.wgsl" with { type: "text" };
import columnsScattered from "../../shaders/lib/columns_scattered.wgsl" with { type: "text" };
import productStaged from "../../shaders/lib/product_staged.wgsl" with { type: "text" };
import stageAcross from "../../shaders/lib/stage_across.wgsl" with { type: "text" };
import stageRuns from "../../shaders/lib/stage_runs.wgsl" with { type: "text" };
import product from "../../shaders/lib/product.wgsl" with { type: "text" };
import productAcross from "../../shaders/lib/product_across.wgsl" with { type: "text" };
import runsAligned from "../../shaders/lib/runs_aligned.wgsl" with { type: "text" };
import runsScattered from "../../shaders/lib/runs_scattered.wgsl" with { type: "text" };
import storesAligned from "../../shaders/lib/stores_aligned.wgsl" with { type: "text" };
import storesScattered from "../../shaders/lib/stores_scattered.wgsl" with { type: "text" };
import type { Adapter, Dispatch } from "../device/program.ts";
import { type Constants, fill } from "./template.ts";
import { chooseTile, type Tile, tileRow } from "./tiles.ts";

/** What both kinds of products need to know. */
interface Operands {
  /** The op's own WGSL: where the elements of a lie. */
  readonly wgsl: string;
  readonly constants: Constants;
  /** Outputs: rows, and columns of operand b. */
  readonly rows: number;
  readonly columns: number;
  /** Operand a can be read four elements at a time. */
  readonly aligned: boolean;
  /** Elements between neighbouring rows of b, and between neighbouring columns. */
  readonly bRow: number;
  readonly bColumn?: number;
}

/** A product whose inner index runs along a: `segments` runs of `length` products each. */
export interface Product extends Operands {
  readonly segments: number;
  readonly length: number;
  /** Layers of so many rows and segments each; 1 if left out. */
  readonly layers?: number;
}

/** See shaders/lib/product.wgsl; staged in shaders/lib/product_staged.wgsl. */
export function productDispatch(
  adapter: Adapter,
  sum: Product,
  table = tileRow(adapter),
): Dispatch {
  const { staged } = table;
  const tile = chooseTile(table, sum);
  const { rows, segments, length, layers = 1 } = sum;
  const aligned = sum.aligned && length % 4 === 0;
  const run = [4, 3, 2].find((n) => length % n === 0 && !(staged && n === 3)) ?? 1;
  const values = {
    ...constants(sum, tile),
    SEGMENTS: segments,
    LENGTH: length,
    RUN: run,
  };
  const text = (aligned ? runsAligned : runsScattered) + shared(sum);
  const across = Math.ceil(sum.columns / (4 * tile.vectors * tile.across));
  return {
    wgsl: staged
      ? fill(text + stageRuns + productStaged, {
        ...values,
        ...stagedConstants(layers * segments * length, segments * length),
        RUNS: 4 / run,
      })
      : fill(text + product, values),
    workgroups: [Math.ceil(rows / (tile.down * tile.rows)), across, layers],
  };
}

/** A product in which neighbours in a are neighbouring rows: `depth` products in chunks. */
export interface ProductAcross extends Operands {
  readonly depth: number;
  /** Products of a chunk; all of them if left out. */
  readonly chunk?: number;
}

/** See shaders/lib/product_across.wgsl; staged in shaders/lib/product_staged.wgsl. */
export function productAcrossDispatch(adapter: Adapter, sum: ProductAcross): Dispatch {
  const { staged } = tileRow(adapter);
  const { rows, depth, chunk = depth } = sum;
  const chunks = Math.ceil(depth / chunk);
  const tile = chooseTile(tileRow(adapter), { ...sum, layers: chunks, flat: !staged });
  const down = Math.ceil(rows / tile.rows);
  const values = constants(sum, tile);
  const text = (sum.aligned ? acrossAligned : acrossScattered) + shared(sum);
  const across = Math.ceil(sum.columns / (4 * tile.vectors * tile.across));
  return staged
    ? {
      wgsl: fill(text + stageAcross + productStaged, {
        ...values,
        ...stagedConstants(depth, chunk),
      }),
      workgroups: [Math.ceil(rows / (tile.down * tile.rows)), across, chunks],
    }
    : {
      wgsl: fill(text + productAcross, {
        ...values,
        ROW_TILES: down,
        K: depth,
        CHUNK: chunk,
        CHUNKS: chunks,
        DEPTH: 4,
        EXACT: String(depth % 4 === 0 && chunk % 4 === 0),
      }),
      workgroups: [Math.ceil(down * chunks / tile.down), across, 1],
    };
}

/** Products that are staged at a time: with the largest tile both operands take 16 KiB. */
const STAGED_DEPTH = 16;

function stagedConstants(depth: number, chunk: number): Constants {
  return { K: depth, CHUNK: chunk, DEPTH: STAGED_DEPTH };
}

function shared({ wgsl, columns, bRow, bColumn = 1 }: Operands): string {
  const whole = columns % 4 === 0;
  return (whole && bColumn === 1 && bRow % 4 === 0 ? columnsAligned : columnsScattered) +
    (whole ? storesAligned : storesScattered) + wgsl;
}

function constants(sum: Operands, { rows, vectors, down, across }: Tile): Constants {
  return {
    PADDED: "false",
    ...sum.constants,
    ROWS: rows,
    GROUPS: rows / 4,
    VECTORS: vectors,
    DOWN: down,
    ACROSS: across,
    M: sum.rows,
    N: sum.columns,
    B_ROW: sum.bRow,
    B_COLUMN: sum.bColumn ?? 1,
  };
}
