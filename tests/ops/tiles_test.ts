import assert from "node:assert/strict";
import fc from "fast-check";
import { ADAPTER_CLASSES } from "../../core/device/program.ts";
import {
  chooseTile,
  type MeasuredTile,
  type TileRow,
  tileRow,
  TILES,
} from "../../core/ops/tiles.ts";
import { property, test } from "./harness.ts";

const classes = ADAPTER_CLASSES.filter((one) => TILES.some((row) => row.class === one));

test("a software adapter has tiles, on which everything can be tested", () => {
  assert.ok(classes.includes("software"));
});

for (const one of classes) {
  test(`any ${one} adapter has a row of tiles`, () => {
    const row = tileRow({ class: one, name: "an adapter that nobody has heard of" });
    assert.equal(row.class, one);
    assert.equal(row.adapter, undefined);
  });
}

for (const row of TILES) {
  test(`the tiles of ${row.name} can be dispatched, and its adapters find them`, () => {
    const name = `an ${row.adapter ?? "unnamed"} of that class`;
    assert.equal(tileRow({ class: row.class, name }), row);
    assert.ok(Number.isInteger(row.fills) && row.fills > 0);
    assert.equal(
      new Set(row.tiles.map(({ rate: _, ...tile }) => JSON.stringify(tile))).size,
      row.tiles.length,
    );
    for (const { rows, vectors, down, across, rate } of row.tiles) {
      // WebGPU grants any kernel 256 invocations a workgroup.
      assert.ok(down > 0 && across > 0 && down * across <= 256, `${down} x ${across} invocations`);
      assert.ok(rows > 0 && rows % 4 === 0, `${rows} rows`);
      assert.ok(Number.isInteger(vectors) && vectors > 0, `${vectors} vectors`);
      assert.ok(rate > 0, `${rate} GFLOP/s`);
    }
  });
}

test("every row of tiles has a name of its own, for the record", () => {
  assert.equal(new Set(TILES.map(({ name }) => name)).size, TILES.length);
});

/** The larger tiles are the faster ones. */
const row: TileRow = {
  name: "test",
  class: "software",
  staged: false,
  fills: 16,
  tiles: [
    { rows: 16, vectors: 4, down: 8, across: 1, rate: 30 },
    { rows: 16, vectors: 3, down: 8, across: 1, rate: 29 },
    { rows: 16, vectors: 1, down: 8, across: 1, rate: 16 },
    { rows: 4, vectors: 4, down: 8, across: 1, rate: 15 },
    { rows: 4, vectors: 1, down: 8, across: 1, rate: 8 },
  ],
};
const chosen = (rows: number, columns: number, layers?: number) => {
  const tile = chooseTile(row, { rows, columns, ...(layers ? { layers } : {}) });
  return `${tile.rows}x${4 * tile.vectors}`;
};

test("chooseTile() takes the fastest tile where it fits", () => {
  assert.equal(chosen(1024, 64), "16x16");
});

test("chooseTile() takes the tile that wastes little where the fastest would waste much", () => {
  assert.equal(chosen(1024, 12), "16x12");
  assert.equal(chosen(1024, 24), "16x12");
  assert.equal(chosen(1024, 4), "16x4");
  assert.equal(chosen(4, 1024), "4x16");
  assert.equal(chosen(1, 1), "4x4");
});

test("chooseTile() takes lower tiles rather than leave invocations of a workgroup without rows", () => {
  assert.equal(chosen(32, 1024), "4x16");
});

test("chooseTile() takes a slower tile rather than leave the adapter idle", () => {
  assert.equal(chosen(128, 12), "16x4");
  assert.equal(chosen(8, 8), "4x4");
});

test("chooseTile() counts independent layers as work for the adapter", () => {
  assert.equal(chosen(128, 12, 4), "16x12");
});

property(
  "chooseTile() takes, where there is work for all, the tile that needs the least time for what it computes in vain and not",
  fc.record({
    table: fc.constantFrom(row, ...TILES),
    rows: fc.integer({ min: 1, max: 300 }),
    columns: fc.integer({ min: 1, max: 300 }),
    flat: fc.boolean(),
  }),
  ({ table, rows, columns, flat }) => {
    const time = (tile: MeasuredTile) => {
      // A workgroup computes its whole block, where it has one.
      const [down, across] = flat ? [1, 1] : [tile.down, tile.across];
      const [high, wide] = [tile.rows * down, 4 * tile.vectors * across];
      return Math.ceil(rows / high) * high * Math.ceil(columns / wide) * wide / tile.rate;
    };
    const best = chooseTile(table, { rows, columns, layers: table.fills, flat }) as MeasuredTile;
    const least = Math.min(...table.tiles.map(time));
    assert.ok(time(best) <= least * (1 + 1e-9), `${best.rows}x${best.vectors}`);
  },
);
