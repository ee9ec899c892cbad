/**
 * Phases of the SIMD product (`core/wasm/gemm.ts`): many chains of products, each over runs of
 * operand a that tables name, against the rows of operand b.
 */
import type { Argument, Phase } from "../device/program.ts";

/** Elements of a that follow each other at one distance. */
export interface Segment {
  /** Elements from a row's start. */
  readonly offset: number;
  readonly length: number;
}

/** A product whose rows have the same segments, in each of its layers. */
export interface Chains {
  readonly a: Argument;
  readonly b: Argument;
  readonly c: Argument;
  /** Each row's start in a and in a layer of c, in elements. */
  readonly rows: Iterable<readonly [number, number]>;
  readonly columns: number;
  /** Each layer's segments. */
  readonly layers: readonly (readonly Segment[])[];
  /** Elements from one product of a segment to the next, in a. */
  readonly step: number;
  /** Elements between rows of b, between groups of 8 columns, and between layers. */
  readonly bStrides: readonly [number, number, number];
}

/** Rows that one turn of the kernel takes. */
const TILE_ROWS = 6;
/** Columns of a panel. */
const PANEL = 8;

/** The product's phase; its units are the rows of all layers. */
export function product(
  { a, b, c, rows, columns, layers, step, bStrides }: Chains,
): Phase {
  const rowTable = Uint32Array.from([...rows].flat(), (elements) => elements * 4);
  const count = rowTable.length / 2;
  const segments: number[] = [];
  const starts = [0];
  let products = 0;
  for (const layer of layers) {
    let at = 0;
    for (const { offset, length } of layer) {
      segments.push((offset - at) * 4, length);
      at = offset + length * step;
      products += length;
    }
    starts.push(segments.length / 2);
  }
  const [bRow, bPanel, bLayer] = bStrides;
  return {
    units: count * layers.length,
    grain: TILE_ROWS,
    work: products * count * columns,
    calls: [{
      entry: "gemm",
      arguments: [
        ...[a, b, c, { table: rowTable }, count, columns],
        ...[{ table: Uint32Array.from(segments) }, { table: Uint32Array.from(starts) }, step * 4],
        ...[bRow * 4, bPanel * 4, bLayer * 4, count * columns * 4],
      ],
    }],
  };
}

/** Bytes of operand b as {@link packed} lays it out. */
export function packedBytes(rows: number, columns: number): number {
  return rows * Math.ceil(columns / PANEL) * PANEL * 4;
}

/** Strides of a packed operand b, for {@link Chains}. */
export function packedStrides(rows: number): [number, number, number] {
  return [PANEL, rows * PANEL, 0];
}

/** The phase that packs b: runs of its rows, of [first row's offset, rows], in elements. */
export function packed(
  { b, to, runs, columns, rowStep, columnStep }: {
    readonly b: Argument;
    readonly to: Argument;
    readonly runs: readonly Segment[];
    readonly columns: number;
    readonly rowStep: number;
    readonly columnStep: number;
  },
): Phase {
  const rows = runs.reduce((sum, { length }) => sum + length, 0);
  const table = Uint32Array.from(runs.flatMap(({ offset, length }) => [offset * 4, length]));
  return {
    units: Math.ceil(columns / PANEL),
    work: rows * columns,
    calls: [{
      entry: "pack",
      arguments: [
        ...[b, to, { table }, runs.length, rows, columns, rowStep * 4, columnStep * 4],
      ],
    }],
  };
}
