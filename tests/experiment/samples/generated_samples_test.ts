/** Pictures of generated images: as they are written, and read back or refused, whoever wrote them. */
import assert from "node:assert/strict";
import { decode } from "fast-png";
import {
  GENERATED,
  gridName,
  inRows,
  isGridName,
  leaveGrid,
  readNeighbours,
  readTiles,
  recordedPair,
  shownLooks,
} from "../../../core/experiment/samples/generated_samples.ts";
import { denoHost } from "../../../core/experiment/host.ts";
import { testInFolder } from "../tiny.ts";

const SHAPE = [28, 28, 1] as const;
const cell = { id: "pair-s0", config: { kind: "adversarial", data: "mnist", batch: 8 } };

testInFolder(
  "leaveGrid() writes rows of eight images, 64 at most, as readTiles() reads them",
  async (folder) => {
    for (const [images, rows] of [[9, 2], [64, 8], [100, 8]] as const) {
      await leaveGrid(denoHost, folder, images, new Float32Array(images * 784), SHAPE);
      const tiles = await readTiles(denoHost, folder, gridName(images), cell);
      assert.deepEqual([tiles!.width, tiles!.height, tiles!.channels], [224, 28 * rows, 1]);
    }
    assert.equal(await readTiles(denoHost, folder, gridName(7), cell), undefined);
  },
);

Deno.test("pictures keep 32 shades, each within half a step of what it was", () => {
  const image = Uint8Array.from({ length: 784 }, (_, i) => i % 256);
  const { data } = decode(inRows([image], SHAPE));
  const found = Array.from({ length: 256 }, (_, i) => data[Math.floor(i / 28) * 224 + i % 28]!);
  assert.equal(new Set(found).size, 32);
  found.forEach((shade, value) => assert.ok(Math.abs(shade - value) <= 5, `${value}: ${shade}`));
  assert.deepEqual([found[0], found[255]], [0, 255]);
});

testInFolder("readTiles() refuses what is no picture of the cell's images", async (folder) => {
  await Deno.mkdir(`${folder}/samples`);
  const path = `${folder}/${GENERATED.nearest}`;
  const images = (count: number, bytes: number) =>
    Array.from(
      { length: count },
      () => new Uint8Array(bytes),
    );
  const wrong: [Uint8Array, RegExp][] = [
    [
      inRows(images(72, 784), SHAPE),
      /expected a PNG of 224 x 224 .* as cell\.json says, found a PNG of 224 x 252/,
    ],
    [inRows(images(8, 784 * 3), [28, 28, 3]), /found a PNG of 224 x 28 pixels, RGB/],
    [inRows(images(8, 784), SHAPE).subarray(0, 32), /found no PNG/],
    [new Uint8Array(4_000_001), /at most 4000000 bytes, found 4000001/],
  ];
  for (const [png, message] of wrong) {
    await Deno.writeFile(path, png);
    const read = readTiles(denoHost, folder, GENERATED.nearest, cell);
    await assert.rejects(read, { name: "DeclarationError", message });
  }
});

testInFolder(
  "readNeighbours() takes distances of grey levels, and nothing else",
  async (folder) => {
    assert.equal(await readNeighbours(denoHost, folder), undefined);
    await Deno.mkdir(`${folder}/samples`);
    const good = { format: 1, generated: [40], test: [30, 35.5] };
    const write = (data: unknown) =>
      Deno.writeTextFile(`${folder}/${GENERATED.neighbours}`, JSON.stringify(data));
    await write(good);
    assert.deepEqual(await readNeighbours(denoHost, folder), good);
    for (
      const [wrong, message] of [
        [{ ...good, test: [] }, /nearest\.json is no record of this version: test: /],
        [{ ...good, test: [256] }, /test\.0: /],
        [{ ...good, generated: ["<b>"] }, /generated\.0: /],
        [{ ...good, test: Array(1_001).fill(1) }, /test: /],
        [{ ...good, more: "x".repeat(4_000_000) }, /at most 4000000 bytes/],
      ] as const
    ) {
      await write(wrong);
      await assert.rejects(readNeighbours(denoHost, folder), { name: "DeclarationError", message });
    }
  },
);

Deno.test("the looks that are shown are spread evenly, the last among them", () => {
  const steps = (looks: number, most: number) => {
    const all = Array.from({ length: looks }, (_, i) => ({ step: i + 1 }));
    return shownLooks({ progress: { looks: all } } as never, most).map(({ step }) => step);
  };
  assert.deepEqual(steps(12, 12), Array.from({ length: 12 }, (_, i) => i + 1));
  assert.deepEqual(steps(12, 3), [4, 8, 12]);
  assert.deepEqual(steps(8, 3), [3, 6, 8]);
  assert.deepEqual(steps(2, 12), [1, 2]);
  assert.deepEqual(steps(0, 12), []);
  assert.deepEqual(shownLooks({ progress: {} } as never, 12), []);
});

Deno.test("names of grids sort by their steps, and are known from other names", () => {
  assert.deepEqual([200, 12_000].map(gridName), [
    "samples/generated-000200.png",
    "samples/generated-012000.png",
  ]);
  for (const step of [0, 200, 12_345_678]) assert.ok(isGridName(gridName(step)));
  for (
    const name of [
      "samples/generated-2.png",
      "samples/nearest.png",
      "../samples/generated-000200.png",
    ]
  ) {
    assert.ok(!isGridName(name), name);
  }
});

Deno.test("recordedPair() reads a pair's data and batch, and refuses another record", () => {
  assert.deepEqual(recordedPair(cell), cell.config);
  for (
    const [field, value] of [["kind", "supervised"], ["data", "imagenet"], ["batch", 0]] as const
  ) {
    const config = { ...cell.config, [field]: value };
    assert.throws(() => recordedPair({ ...cell, config }), {
      name: "DeclarationError",
      message: new RegExp(`^cell pair-s0: expected .* \\(config\\.${field}: `),
    });
  }
});
