import assert from "node:assert/strict";
import { compile } from "../../core/graph/compile.ts";
import { Graph } from "../../core/graph/graph.ts";
import { size } from "../../core/ops/op.ts";
import { emitBatch, upload } from "../../core/train/image_store.ts";
import { cpu } from "../ops/harness.ts";
import { DATA, IMAGE, STORES } from "./tiny.ts";

/** The batch that a program gathers by these indices. */
async function gathered(indices: readonly number[]) {
  const graph = new Graph();
  const { x, labels } = emitBatch(
    graph,
    STORES.test,
    graph.constant(Uint32Array.from(indices), [indices.length]),
  );
  assert.deepEqual(x.shape, [indices.length, ...IMAGE]);
  for (const [name, value] of Object.entries({ x, labels })) {
    graph.place(value, { name, type: value.type, length: size(value.shape) });
  }
  const program = compile(graph, "gather");
  const memory = await cpu.load([program]);
  for (const [name, view] of program.initial) memory.write(name, view);
  const bytes = upload(memory, STORES.test, DATA.test);
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

Deno.test("upload() says how many bytes the images and labels take", async () => {
  assert.equal((await gathered([0])).bytes, 29 * (16 + 4));
});
