/**
 * Tiles of the products: how many outputs one invocation computes, by class of adapter. Tiles change
 * the speed and never the order of a sum, hence never a bit. The table is static: it is measured by
 * `deno task bench --tune`, which prints a new one, and never while an experiment runs.
 */
import type { Adapter } from "../device/program.ts";

/** A workgroup of `down` x `across` invocations with `rows` x `vectors` * 4 outputs each. */
export interface Tile {
  /** A multiple of four. */
  readonly rows: number;
  readonly vectors: number;
  /** Invocations in the direction of rows, and of columns. */
  readonly down: number;
  readonly across: number;
}

/** A tile of the table. */
export interface MeasuredTile extends Tile {
  /** How fast it is where it divides the shape: GFLOP/s on the adapter that the row tells of. */
  readonly rate: number;
}

/** The tiles of a class of adapters. */
export interface TileRow {
  /** What a cell records. */
  readonly name: string;
  readonly class: Adapter["class"];
  /** Only for adapters whose name holds this. */
  readonly adapter?: string;
  /** Operands go through workgroup memory, DEPTH products at a time. */
  readonly staged: boolean;
  /** Invocations that keep the whole adapter busy. */
  readonly fills: number;
  readonly tiles: readonly MeasuredTile[];
}

/** Eight invocations side by side are one vector of a software adapter. */
function software(rows: number, vectors: number, rate: number): MeasuredTile {
  return { rows, vectors, down: 8, across: 1, rate };
}

/** A named adapter's row stands before its class's. */
export const TILES: readonly TileRow[] = [
  // No larger tile is more than a third faster on it, and each takes it up to seconds to compile.
  {
    name: "swiftshader",
    class: "software",
    adapter: "SwiftShader",
    staged: false,
    fills: 32,
    tiles: [
      software(8, 2, 3.73),
      software(8, 1, 2.77),
      software(4, 2, 3.21),
      software(4, 1, 2.33),
    ],
  },
  {
    name: "software",
    class: "software",
    staged: false,
    fills: 32,
    tiles: [
      software(16, 4, 25),
      software(16, 3, 22),
      software(16, 2, 20),
      software(16, 1, 16),
      software(8, 4, 21),
      software(8, 2, 19),
      software(8, 1, 13),
      software(4, 2, 12),
      software(4, 1, 8),
    ],
  },
  // Rates of these two are orders only, from what is known of such GPUs; none was measured yet.
  {
    name: "integrated",
    class: "integrated",
    staged: true,
    fills: 4096,
    tiles: [
      { rows: 8, vectors: 1, down: 8, across: 8, rate: 4 },
      { rows: 4, vectors: 1, down: 8, across: 8, rate: 3 },
      { rows: 4, vectors: 1, down: 16, across: 4, rate: 2.9 },
    ],
  },
  {
    name: "discrete",
    class: "discrete",
    staged: true,
    fills: 65536,
    tiles: [
      { rows: 8, vectors: 2, down: 16, across: 16, rate: 4 },
      { rows: 8, vectors: 2, down: 8, across: 8, rate: 3.5 },
      { rows: 8, vectors: 1, down: 16, across: 8, rate: 3 },
      { rows: 4, vectors: 1, down: 8, across: 8, rate: 2 },
    ],
  },
];

/** The table's row for an adapter. */
export function tileRow({ class: kind, name }: Adapter): TileRow {
  return TILES.find((row) => row.class === kind && name.includes(row.adapter ?? ""))!;
}

/**
 * The tile that should be fastest for `rows` x `columns` outputs in `layers` independent layers: by
 * its rate, what of its block is used, and how busy its invocations keep the adapter. `flat`: a
 * workgroup takes tiles as they come, of several layers perhaps, and no block of one layer.
 */
export function chooseTile(
  { tiles, fills }: TileRow,
  { rows, columns, layers = 1, flat = false }: {
    readonly rows: number;
    readonly columns: number;
    readonly layers?: number;
    readonly flat?: boolean;
  },
): Tile {
  const score = ({ rows: tileRows, vectors, down, across, rate }: MeasuredTile) => {
    const block = flat
      ? [tileRows, 4 * vectors] as const
      : [tileRows * down, 4 * vectors * across] as const;
    const blocks = Math.ceil(rows / block[0]) * Math.ceil(columns / block[1]);
    const used = rows * columns / (blocks * block[0] * block[1]);
    const invocations = blocks * layers * (flat ? 1 : down * across);
    return rate * used * Math.min(1, invocations / fills);
  };
  return tiles.reduce((best, tile) => score(tile) > score(best) ? tile : best);
}
