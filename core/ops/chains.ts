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

/** Rows of c that are sums over the same segments and rows of b. */
export interface Group {
  /** Each row's start in a and in c, in elements. */
  readonly rows: readonly (readonly [number, number])[];
  readonly segments: readonly Segment[];
  /** Element of b with which its rows begin. */
  readonly b: number;
}

/** A product in groups of rows. */
export interface Chains {
  readonly a: Argument;
  readonly b: Argument;
  readonly c: Argument;
  readonly columns: number;
  readonly groups: readonly Group[];
  /** Elements from one product of a segment to the next, in a. */
  readonly step: number;
  /** Elements between rows of b and between groups of 8 columns. */
  readonly bStrides: readonly [number, number];
  /** Whether the rows stand in c in this order, with nothing between them. */
  readonly inOrder: boolean;
}

/** Rows that one turn of the kernel takes. */
const TILE_ROWS = 6;
/** Columns of a panel. */
const PANEL = 8;

/** The product's phase; its units are the rows of all groups. */
export function product({ a, b, c, columns, groups, step, bStrides, inOrder }: Chains): Phase {
  const rowWords: number[] = [], segmentWords: number[] = [], groupWords: number[] = [];
  let work = 0;
  for (const { rows, segments, b } of groups) {
    groupWords.push(rowWords.length / 2, segmentWords.length / 2, b * 4);
    for (const [from, to] of rows) rowWords.push(from * 4, to * 4);
    let at = 0;
    for (const { offset, length } of segments) {
      segmentWords.push((offset - at) * 4, length);
      at = offset + length * step;
      work += length * rows.length * columns;
    }
  }
  groupWords.push(rowWords.length / 2, segmentWords.length / 2, 0);
  const [bRow, bPanel] = bStrides;
  return {
    units: rowWords.length / 2,
    grain: TILE_ROWS,
    work,
    ...(inOrder && { stored: columns }),
    calls: [{
      entry: "gemm",
      arguments: [
        ...[a, b, c, table(rowWords), columns, table(segmentWords), table(groupWords)],
        ...[step * 4, bRow * 4, bPanel * 4],
      ],
    }],
  };
}

function table(words: readonly number[]): Argument {
  return { table: Uint32Array.from(words) };
}

/** Bytes of operand b as {@link packed} lays it out. */
export function packedBytes(rows: number, columns: number): number {
  return rows * Math.ceil(columns / PANEL) * PANEL * 4;
}

/** Strides of a packed operand b, for {@link Chains}. */
export function packedStrides(rows: number): [number, number] {
  return [PANEL, rows * PANEL];
}

/** Element of a packed operand b with which a row begins. */
export function packedRow(row: number): number {
  return row * PANEL;
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
  const starts = table(runs.flatMap(({ offset, length }) => [offset * 4, length]));
  return {
    units: Math.ceil(columns / PANEL),
    work: rows * columns,
    calls: [{
      entry: "pack",
      arguments: [
        ...[b, to, starts, runs.length, rows, columns, rowStep * 4, columnStep * 4],
      ],
    }],
  };
}
