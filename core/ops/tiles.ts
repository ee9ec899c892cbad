/**
 * Tiles of the products: how many outputs one invocation computes, by class of adapter. Tiles change
 * the speed and never the order of a sum, hence never a bit. The table is static: it is measured by
 * `deno task bench --tune`, which prints a new one, and never while an experiment runs.
 */
import type { Adapter } from "../device/program.ts";

/** A tile: ROWS x VECTORS * 4 outputs per invocation. */
export interface Tile {
  /** A multiple of four. */
  readonly rows: number;
  readonly vectors: number;
  /** GFLOP/s on a shape that it divides, measured on the adapter that the table's row names. */
  readonly rate: number;
}

/** The tiles of a class of adapters. */
export interface TileRow {
  /** What a cell records. */
  readonly name: string;
  readonly class: Adapter["class"];
  /** Only for adapters whose name holds this. */
  readonly adapter?: string;
  /** Invocations that keep the whole adapter busy. */
  readonly fills: number;
  /** Invocations side by side in a workgroup. */
  readonly width: number;
  readonly tiles: readonly Tile[];
}

/** A named adapter's row stands before its class's. */
export const TILES: readonly TileRow[] = [
  {
    name: "software",
    class: "software",
    fills: 32,
    width: 8,
    tiles: [
      { rows: 16, vectors: 4, rate: 27 },
      { rows: 16, vectors: 3, rate: 27 },
      { rows: 16, vectors: 2, rate: 23 },
      { rows: 16, vectors: 1, rate: 18 },
      { rows: 8, vectors: 4, rate: 21 },
      { rows: 8, vectors: 2, rate: 20 },
      { rows: 8, vectors: 1, rate: 13 },
      { rows: 4, vectors: 2, rate: 13 },
      { rows: 4, vectors: 1, rate: 8 },
    ],
  },
];

/** The table's row for an adapter. */
export function tileRow({ class: kind, name }: Adapter): TileRow {
  return TILES.find((row) => row.class === kind && name.includes(row.adapter ?? ""))!;
}

/** The tile that should be fastest for `rows` x `columns` outputs in `layers` independent layers. */
export function chooseTile(
  { tiles, fills }: TileRow,
  { rows, columns, layers = 1 }: {
    readonly rows: number;
    readonly columns: number;
    readonly layers?: number;
  },
): Tile {
  const score = (tile: Tile) => {
    const down = Math.ceil(rows / tile.rows), across = Math.ceil(columns / (4 * tile.vectors));
    const used = rows * columns / (down * tile.rows * across * 4 * tile.vectors);
    return tile.rate * used * Math.min(1, down * across * layers / fills);
  };
  return tiles.reduce((best, tile) => score(tile) > score(best) ? tile : best);
}
