import assert from "node:assert/strict";
import { openCpu } from "../../core/device/cpu.ts";
import { bufferRows, countBuffers } from "./buffers.ts";
import { encodingRows } from "./encoding.ts";
import { figure, median } from "./figures.ts";
import { machine } from "./machine.ts";
import { PeerError, PeerProcess } from "./peer_process.ts";
import { render, type Report } from "./report.ts";
import { speedRows } from "./speed.ts";
import type { Task } from "./task.ts";

const cpu = openCpu("test");
const tiny: Task = { kind: "product", m: 8, k: 4, n: 8 };

Deno.test("median() takes the middle sample, or the mean of the middle two", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(figure([]).median, null);
});

Deno.test("speedRows() times a product by the wall and by its dispatches", async () => {
  const rows = await speedRows(cpu, tiny, 3);
  assert.deepEqual(rows.map(({ name }) => name), Array(2).fill("matrix product 8x4x8"));
  for (const { median, samples, error } of rows) {
    assert.equal(error, null);
    assert.equal(samples.length, 3);
    assert.ok(median! > 0);
  }
});

Deno.test("a row that cannot be measured says why instead of missing", async () => {
  const rows = [...await encodingRows(cpu, 1), ...await bufferRows(cpu, countBuffers())];
  assert.equal(rows.length, 6);
  for (const { median, error } of rows) {
    assert.equal(median, null);
    assert.match(error!, /^TypeError: the cpu device/);
  }
});

Deno.test("render() shows every row, and the report is JSON with the same numbers", async () => {
  const comparison = {
    ...{ name: "a task", unit: "images/s", peer: "somebody", version: "1.0", adapter: "" },
    ...{ ours: figure([]), theirs: figure([]), ratio: null, error: "Error: no such thing" },
  };
  const report: Report = {
    machine: machine(cpu),
    rounds: 1,
    rows: await speedRows(cpu, tiny, 1),
    comparisons: [comparison],
  };
  const text = render(report).join("\n");
  assert.match(text, /Deno \d+\.\d+/);
  assert.match(text, /matrix product 8x4x8 +[\d.]+ +GFLOP\/s/);
  assert.match(text, /somebody 1\.0 .*did not run: Error: no such thing/);
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
});

/** A peer as a program in a URL. */
function startPeer(program: string): Promise<PeerProcess> {
  const url = `data:text/javascript,${encodeURIComponent(program)}`;
  return PeerProcess.start("deno", ["run", "--quiet", "--no-config", "--no-prompt", url]);
}

Deno.test("PeerProcess prepares and runs tasks line by line, past what a library prints", async () => {
  const peer = await startPeer(`
    console.log("welcome to the library");
    console.log('{"version":"1.2","adapter":"abacus"}');
    const decoder = new TextDecoder();
    for await (const chunk of Deno.stdin.readable) {
      const { run } = JSON.parse(decoder.decode(chunk));
      const error = run === 13 ? "no luck" : undefined;
      console.log(JSON.stringify(run === undefined ? {} : { seconds: run / 10, error }));
    }
  `);
  try {
    assert.equal(`${peer.version} ${peer.adapter}`, "1.2 abacus");
    const prepared = await peer.prepare(tiny);
    assert.equal(await prepared.run(5), 0.5);
    await assert.rejects(prepared.run(13), new PeerError("no luck"));
    assert.equal(await prepared.run(7), 0.7);
  } finally {
    await peer.close();
  }
});

Deno.test("PeerProcess.start() rejects with the first line of what a broken peer says", async () => {
  await assert.rejects(startPeer("throw new Error('nobody home')"), /PeerError.*nobody home/);
});
