import assert from "node:assert/strict";
import { probe, probeProgram } from "../../core/device/probe.ts";
import type { Memory } from "../../core/device/device.ts";
import { type Spelling, SPELLINGS } from "../../core/device/spelling.ts";
import type { View } from "../../core/device/program.ts";
import { matmul } from "../../core/ops/matmul.ts";
import { assertSameBits, cpu, openExpected, reference, test, webGpu } from "../ops/harness.ts";
import { Graph } from "../../core/graph/graph.ts";
import { compile } from "../../core/graph/compile.ts";
import { Numbers } from "../ops/numbers.ts";

test("a spelling of products holds on this adapter, and the device says which", async () => {
  const device = await webGpu();
  assert.notEqual(device.probe.spelling, "none");
  if (!Deno.env.get("SAMEBITS_TEST_SPELLING")) {
    assert.equal(device.info.spelling, device.probe.spelling);
  }
  assert.equal(device.info.kind, "webgpu");
});

test("plain products hold on the software drivers, which neither fuse nor are GPUs", async () => {
  const device = await webGpu();
  if (device.info.class !== "software") return;
  assert.equal(device.probe.spelling, "plain");
  assert.equal(device.probe.fuses, false);
});

test("every spelling from the probed one on gives a matrix product the reference's bits", async () => {
  const numbers = new Numbers(1);
  const inputs = [numbers.tensor([19, 70]), numbers.tensor([70, 13])];
  const expected = (await reference({ inputs, emit: ([a, b]) => matmul(a!, b!) })).get("output0")!;
  const graph = new Graph();
  const [a, b] = inputs.map(({ shape, data }, i) =>
    graph.leaf({ name: `input${i}`, type: "f32", length: data.length }, shape)
  );
  graph.place(matmul(a!, b!), { name: "output", type: "f32", length: expected.length });
  const program = compile(graph, "product");
  const probed = (await webGpu()).probe.spelling as Spelling;
  for (const spelling of SPELLINGS.slice(SPELLINGS.indexOf(probed))) {
    const device = await openExpected(spelling);
    assert.equal(device.info.spelling, spelling);
    const memory = await device.load([program]);
    inputs.forEach(({ data }, i) => memory.write(`input${i}`, data));
    memory.run(program);
    assertSameBits(await memory.read("output"), expected, `${spelling} products`);
    device.close();
  }
});

test("the probe finds plain products on the cpu device and no liberties", async () => {
  assert.deepEqual(await probe(() => cpu.load([probeProgram])), {
    spelling: "plain",
    fuses: false,
    reassociates: false,
    flushesSubnormals: false,
  });
});

/** Rows of the probe's output, in order. */
const ROWS = [
  "product",
  "chain",
  "factor",
  "plain",
  "difference",
  "tiny",
  "vectors",
] as const;

/** A memory like the cpu device's whose output is off by one unit in the last place in some rows. */
async function deviating(rows: readonly (typeof ROWS)[number][]): Promise<Memory> {
  const memory = await cpu.load([probeProgram]);
  return {
    ...memory,
    async read(name): Promise<View> {
      const output = await memory.read(name);
      const length = output.length / ROWS.length;
      const words = new Uint32Array(output.buffer);
      for (const row of rows) words[(ROWS.indexOf(row) + 1) * length - 1]! ^= 1;
      return output;
    },
  };
}

test("the probe goes on to the next spelling where one does not hold", async () => {
  const tried: Spelling[] = [];
  const found = await probe((spelling) => {
    tried.push(spelling);
    return deviating(spelling === "barrier" ? ["plain"] : ["product", "plain"]);
  });
  assert.deepEqual(tried, SPELLINGS);
  assert.equal(found.spelling, "barrier");
  assert.equal(found.fuses, true);
});

test("the probe says none where no spelling holds, and names the liberties", async () => {
  for (const row of ["product", "chain", "factor", "vectors"] as const) {
    assert.equal((await probe(() => deviating([row]))).spelling, "none");
  }
  assert.deepEqual(await probe(() => deviating(["difference", "tiny"])), {
    spelling: "plain",
    fuses: false,
    reassociates: true,
    flushesSubnormals: true,
  });
});
