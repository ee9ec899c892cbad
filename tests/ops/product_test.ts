/** Every text that a product's kernel is put together from, and every tile, gives the same bits. */
import assert from "node:assert/strict";
import acrossAligned from "../../shaders/lib/across_aligned.wgsl" with { type: "text" };
import acrossScattered from "../../shaders/lib/across_scattered.wgsl" with { type: "text" };
import columnsAligned from "../../shaders/lib/columns_aligned.wgsl" with { type: "text" };
import columnsScattered from "../../shaders/lib/columns_scattered.wgsl" with { type: "text" };
import runsAligned from "../../shaders/lib/runs_aligned.wgsl" with { type: "text" };
import runsScattered from "../../shaders/lib/runs_scattered.wgsl" with { type: "text" };
import stageAcross from "../../shaders/lib/stage_across.wgsl" with { type: "text" };
import stageRuns from "../../shaders/lib/stage_runs.wgsl" with { type: "text" };
import storesAligned from "../../shaders/lib/stores_aligned.wgsl" with { type: "text" };
import storesScattered from "../../shaders/lib/stores_scattered.wgsl" with { type: "text" };
import type { Adapter } from "../../core/device/program.ts";
import { conv2d } from "../../core/ops/conv2d.ts";
import { conv2dInputGradient } from "../../core/ops/conv2d_input_gradient.ts";
import { conv2dWeightGradient } from "../../core/ops/conv2d_weight_gradient.ts";
import { matmul } from "../../core/ops/matmul.ts";
import { CHUNK } from "../../core/ops/sum.ts";
import { type MeasuredTile, type TileRow, TILES } from "../../core/ops/tiles.ts";
import { both, build, type Case, test } from "./harness.ts";
import { Numbers } from "./numbers.ts";

const numbers = new Numbers(1);

function product(
  [m, k, n]: readonly [number, number, number],
  transposed: "neither" | "a" | "b" = "neither",
): Case {
  const a = transposed === "a" ? [k, m] : [m, k], b = transposed === "b" ? [n, k] : [k, n];
  return {
    inputs: [numbers.tensor(a), numbers.tensor(b)],
    emit: ([a, b]) =>
      matmul(a!, b!, { transposeA: transposed === "a", transposeB: transposed === "b" }),
  };
}

/** A convolution with a kernel of 3x3 in one of its three directions, over 2 images of 6x5. */
function convolution(
  direction: "forward" | "input" | "weights",
  channels: number,
  filters: number,
  padding: "same" | "valid",
  batch = 2,
  stride = 1,
): Case {
  const x = [batch, 6, 5, channels], weights = [3, 3, channels, filters];
  const out = [6, 5].map((side) => Math.ceil((padding === "same" ? side : side - 2) / stride));
  const y = [batch, ...out, filters];
  const attributes = { stride, padding };
  if (direction === "forward") {
    return {
      inputs: [numbers.tensor(x), numbers.tensor(weights)],
      emit: ([x, weights]) => conv2d(x!, weights!, attributes),
    };
  }
  return direction === "input"
    ? {
      inputs: [numbers.tensor(y), numbers.tensor(weights)],
      emit: ([dy, weights]) => conv2dInputGradient(dy!, weights!, { ...attributes, input: x }),
    }
    : {
      inputs: [numbers.tensor(x), numbers.tensor(y)],
      emit: ([x, dy]) => conv2dWeightGradient(x!, dy!, { ...attributes, weights }),
    };
}

const LIBRARIES = {
  acrossAligned,
  acrossScattered,
  columnsAligned,
  columnsScattered,
  runsAligned,
  runsScattered,
  storesAligned,
  storesScattered,
};

/** How operand a gets into workgroup memory. */
const STAGES = { stageAcross, stageRuns };

/** The texts that a case's kernels read and write with, each known by its opening line. */
function libraries(
  tested: Case,
  adapter: Adapter,
  known: Readonly<Record<string, string>>,
): string[] {
  const texts = build(tested).steps.map(({ kernel }) => kernel.dispatch(adapter).wgsl);
  return Object.entries(known).flatMap(([name, text]) =>
    texts.some((wgsl) => wgsl.includes(text.split("\n")[0]!)) ? [name] : []
  );
}

const REACHED: readonly (readonly [string, Case, readonly (keyof typeof LIBRARIES)[]])[] = [
  [
    "a product of [10, 8] and [8, 12]: all sizes along rows are multiples of four",
    product([10, 8, 12]),
    ["columnsAligned", "runsAligned", "storesAligned"],
  ],
  [
    "a product of [10, 7] and [7, 12]: no whole vectors along the inner size",
    product([10, 7, 12]),
    ["columnsAligned", "runsScattered", "storesAligned"],
  ],
  [
    "a product of [10, 8] and [8, 11]: no whole vectors of columns",
    product([10, 8, 11]),
    ["columnsScattered", "runsAligned", "storesScattered"],
  ],
  [
    "a product of [10, 8] and [12, 8] transposed: neighbouring columns lie apart",
    product([10, 8, 12], "b"),
    ["columnsScattered", "runsAligned", "storesAligned"],
  ],
  [
    "a product of [7, 12] transposed and [7, 12]: four rows are neighbours",
    product([12, 7, 12], "a"),
    ["acrossAligned", "columnsAligned", "storesAligned"],
  ],
  [
    "a product of [7, 10] transposed and [7, 11]: nothing is a multiple of four",
    product([10, 7, 11], "a"),
    ["acrossScattered", "columnsScattered", "storesScattered"],
  ],
  [
    "a padded convolution from 4 to 8 channels",
    convolution("forward", 4, 8, "same"),
    ["columnsAligned", "runsAligned", "storesAligned"],
  ],
  [
    "a convolution from 3 to 6 channels, whose kernel rows are runs of 9",
    convolution("forward", 3, 6, "valid"),
    ["columnsScattered", "runsScattered", "storesScattered"],
  ],
  [
    "an input gradient from 8 to 4 channels",
    convolution("input", 4, 8, "same"),
    ["columnsAligned", "runsAligned", "storesAligned"],
  ],
  [
    "an input gradient from 6 to 3 channels",
    convolution("input", 3, 6, "valid"),
    ["columnsScattered", "runsScattered", "storesScattered"],
  ],
  [
    "a weight gradient of 4 x 8 channels",
    convolution("weights", 4, 8, "same"),
    ["acrossAligned", "columnsAligned", "storesAligned"],
  ],
  [
    "a weight gradient of 3 x 6 channels",
    convolution("weights", 3, 6, "valid"),
    ["acrossScattered", "columnsScattered", "storesScattered"],
  ],
];

for (const [what, tested, expected] of REACHED) {
  test(`${what}, gives its reference's bits by ${expected.join(", ")}`, async () => {
    for (const row of TILES) {
      const adapter = { class: row.class, name: row.adapter ?? "" };
      assert.deepEqual(libraries(tested, adapter, LIBRARIES), expected);
      const stage = expected[0]!.startsWith("across") ? "stageAcross" : "stageRuns";
      assert.deepEqual(libraries(tested, adapter, STAGES), row.staged ? [stage] : []);
      await both(tested, adapter);
    }
  });
}

test("every way of reading and writing is reached", () => {
  assert.deepEqual(
    new Set(REACHED.flatMap(([, , reached]) => reached)),
    new Set(Object.keys(LIBRARIES)),
  );
});

/** An adapter that finds one tile only: the table's first row is its own from now on. */
function adapterWith(row: TileRow, tile: MeasuredTile): Adapter {
  const name = `test of ${row.name} with ${JSON.stringify(tile)}`;
  (TILES as TileRow[]).unshift({ ...row, adapter: name, tiles: [tile] });
  return { class: row.class, name };
}

/** Products that no tile divides: by both kernels, over several workgroups, padded and in chunks. */
const UNEVEN: readonly Case[] = [
  product([161, 6, 35]),
  product([47, 8, 36], "a"),
  convolution("forward", 4, 12, "same"),
  convolution("weights", 4, 9, "same", Math.ceil(2.5 * CHUNK / 30)),
  // In 4 layers, of which some have a column less; in 9, all from one output pixel, that does not
  // reach the last columns and rows.
  convolution("input", 12, 8, "same", 3, 2),
  convolution("input", 5, 6, "valid", 5, 4),
];

/** Every tile once, whichever rows have it. */
const EVERY = new Map(
  TILES.flatMap((row) =>
    row.tiles.map((tile) => {
      const { rows, vectors, down, across } = tile;
      const shape = `${rows} x ${4 * vectors} outputs, ${down} x ${across} invocations`;
      return [`${shape}, ${row.staged ? "staged" : "not staged"}`, { row, tile }] as const;
    })
  ),
);

for (const [what, { row, tile }] of EVERY) {
  test(`the tile of ${what}, gives the reference's bits`, async () => {
    const adapter = adapterWith(row, tile);
    for (const tested of UNEVEN) await both(tested, adapter);
  });
}
