import assert from "node:assert/strict";
import { compile } from "../../core/graph/compile.ts";
import { Graph } from "../../core/graph/graph.ts";
import { size } from "../../core/ops/op.ts";
import { type PixelScale, pixelTable } from "../../core/data/pixels.ts";
import { emitBatch, type ImageStore, upload, uploadTables } from "../../core/train/image_store.ts";
import { cpu } from "../ops/harness.ts";
import { DATA, STORES } from "./tiny.ts";

/** The batch that a program gathers by these indices. */
async function gathered(
  indices: readonly number[],
  store: ImageStore = STORES.test,
  scale: PixelScale = "unit",
) {
  const graph = new Graph();
  const { x, labels } = emitBatch(
    graph,
    store,
    graph.constant(Uint32Array.from(indices), [indices.length]),
  );
  assert.deepEqual(x.shape, [indices.length, ...store.image]);
  for (const [name, value] of Object.entries({ x, labels })) {
    graph.place(value, { name, type: value.type, length: size(value.shape) });
  }
  const program = compile(graph, "gather");
  const memory = await cpu.load([program]);
  for (const [name, view] of program.initial) memory.write(name, view);
  uploadTables(memory, scale);
  const bytes = upload(memory, store, DATA.test);
  memory.run(program);
  return { bytes, x: await memory.read("x"), labels: await memory.read("labels") };
}

Deno.test("a batch has the pixels k/255 and the labels of its images, in its order", async () => {
  const indices = [28, 0, 7, 7];
  const { x, labels } = await gathered(indices);
  const { test } = DATA;
  assert.deepEqual(labels, Uint32Array.from(indices, (index) => test.labels[index]!));
  assert.deepEqual(
    x,
    Float32Array.from(
      indices.flatMap((index) => [...test.pixels.subarray(index * 16, index * 16 + 16)]),
      (byte) => byte / 255,
    ),
  );
});

Deno.test("a batch has its pixels by the tables that were uploaded, each channel by its own", async () => {
  const { test } = DATA;
  const raw = await gathered([3, 11], STORES.test, "raw");
  assert.deepEqual(
    raw.x,
    Float32Array.from([...test.pixels.subarray(48, 64), ...test.pixels.subarray(176, 192)]),
  );

  // The same 16 bytes as 2 x 2 pixels of 4 channels.
  const store = { ...STORES.test, image: [2, 2, 4], tables: 4 };
  const moments = {
    mean: Float32Array.of(0.1, 0.2, 0.3, 0.4),
    deviation: Float32Array.of(1, 0.5, 0.25, 0.125),
  };
  const { x } = await gathered([28], store, moments);
  const table = pixelTable(moments);
  test.pixels.subarray(28 * 16, 29 * 16).forEach((byte, i) => {
    const channel = i % 4;
    const expected = (byte / 255 - moments.mean[channel]!) / moments.deviation[channel]!;
    assert.equal(x[i], Math.fround(expected));
    assert.equal(x[i], table[channel * 256 + byte]);
  });
});

Deno.test("upload() says how many bytes the images and labels take", async () => {
  assert.equal((await gathered([0])).bytes, 29 * (16 + 4));
});
