import assert from "node:assert/strict";
import { openCpu } from "../../core/device/cpu.ts";
import { bufferRows, countBuffers } from "./buffers.ts";
import { ceilingRows } from "./ceiling.ts";
import { plan, type Prepared } from "./contestant.ts";
import { encodingRows } from "./encoding.ts";
import { NAMES } from "./entrants.ts";
import { figure, median } from "./figures.ts";
import { machine } from "./machine.ts";
import { ours } from "./ours.ts";
import { PeerError, PeerProcess } from "./peer_process.ts";
import { ratios } from "./ratios.ts";
import { render, type Report } from "./report.ts";
import { GROUPS } from "./row.ts";
import { spellingRows } from "./spellings.ts";
import {
  type Convolution,
  PASSES,
  rate,
  type Task,
  title,
  type TransposedConvolution,
  transposedSize,
  unit,
} from "./task.ts";
import { tasks } from "./tasks.ts";
import { type Entrant, type Result, takeTurns } from "./turns.ts";

const norm: Task = { kind: "norm", batch: 2, height: 3, width: 4, channels: 5 };
const tiny: Task = { kind: "product", m: 8, k: 4, n: 8 };
const convolution: Convolution = {
  ...{ kind: "convolution", pass: "forward", batch: 2, height: 6, width: 7 },
  ...{ channels: 3, filters: 2, stride: 1, padding: "valid" },
};
const transposed: TransposedConvolution = {
  ...{ kind: "transposed", pass: "forward", batch: 2, height: 7, width: 5, channels: 3 },
  ...{ filters: 4, kernel: 4, stride: 2, padding: 1 },
};

Deno.test("median() takes the middle sample, or the mean of the middle two", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(figure([]).median, null);
});

Deno.test("a row that cannot be measured says why instead of missing", async () => {
  const cpu = openCpu("test");
  const rows = [
    ...await ceilingRows(cpu, 1),
    ...await encodingRows(cpu, 1),
    ...await bufferRows(cpu, countBuffers()),
    ...await spellingRows(cpu, 1),
  ];
  cpu.close();
  assert.equal(rows.length, 20);
  for (const { median, error } of rows) {
    assert.equal(median, null);
    assert.match(error!, /^TypeError: the cpu device/);
  }
});

Deno.test("render() shows every figure, and why one is missing", () => {
  const cell = (contestant: string, samples: readonly number[], error: string | null = null) => ({
    contestant,
    ...figure(samples),
    runs: 12,
    error,
  });
  const { webgpu, jax, tensorflow, torch } = NAMES;
  const results: Result[] = [{
    name: "a product",
    unit: "GFLOP/s",
    cells: [
      cell(webgpu, [18, 20, 22]),
      cell(jax, [10, 10]),
      cell(tensorflow, [], "no luck"),
      cell(torch, [4]),
    ],
  }];
  const report: Report = {
    machine: machine(),
    rounds: 3,
    rows: [{ name: "a row", unit: "MB", how: "weighed", ...figure([7, 9]), error: null }],
    ceiling: 100,
    contestants: [
      { name: webgpu, version: "", adapter: "abacus", error: null },
      { name: jax, version: "1.0", adapter: "abacus", error: null },
      { name: tensorflow, version: "", adapter: "", error: "nobody home" },
      { name: torch, version: "2", adapter: "abacus", error: null },
    ],
    results,
    ratios: ratios(results),
  };
  const text = render(report).join("\n");
  assert.match(text, /Deno \d+\.\d+/);
  assert.match(text, /^jax-js webgpu 1\.0: abacus$/m);
  assert.match(text, /^TensorFlow\.js webgpu did not start: nobody home$/m);
  assert.match(text, /^ +a row +8 +MB +7 to 9 +weighed$/m);
  assert.match(text, /^ +a product +GFLOP\/s +20 ±10% x12 +20% +10 ±0% x12 +- \[1\] +4 once$/m);
  assert.match(text, /^ +\[1\] TensorFlow\.js webgpu: no luck$/m);
  assert.match(text, /^ +a product +2 +2 +-$/m);
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
});

Deno.test("tasks() has every pass of each convolution, and large tasks only for a GPU", () => {
  const all = tasks(GROUPS, false);
  for (const kind of ["convolution", "transposed"]) {
    const passes = all.flatMap((task) => task.kind === kind && "pass" in task ? [task.pass] : []);
    assert.deepEqual(passes.slice(0, 3), PASSES);
  }
  assert.equal(new Set(all.map(title)).size, all.length);
  const large = tasks(["product"], true).map(title);
  assert.ok(large.includes("matrix product 4096x4096x4096"));
  assert.ok(!all.map(title).includes("matrix product 4096x4096x4096"));
});

Deno.test("rate() counts a convolution's multiplications and additions", () => {
  const shape = { ...convolution, height: 4, width: 5, channels: 3, filters: 7 } as const;
  assert.equal(rate(shape, 1) * 1e9, 2 * 2 * (2 * 3) * (3 * 3 * 3 * 7));
  const strided = { ...shape, stride: 2, padding: "same" } as const;
  assert.equal(rate(strided, 1) * 1e9, 2 * 2 * (2 * 3) * (3 * 3 * 3 * 7));
});

Deno.test("rate() counts as many operations for a transposed convolution as for the one that it transposes", () => {
  assert.deepEqual(transposedSize(transposed), [14, 10]);
  assert.equal(rate(transposed, 1) * 1e9, 2 * 2 * (7 * 5) * (4 * 4 * 3 * 4));
});

Deno.test("rate() counts values for BatchNorm", () => {
  assert.deepEqual([rate(norm, 1) * 1e6, unit(norm)], [2 * 3 * 4 * 5, "Mvalues/s"]);
});

Deno.test("our device does products, all passes of a convolution and training steps", async () => {
  const does: Task[] = [
    tiny,
    ...PASSES.map((pass) => ({ ...convolution, pass })),
    ...PASSES.map((pass) => ({ ...transposed, pass })),
    norm,
    ...PASSES.map((pass) => ({ ...convolution, pass, stride: 2, padding: "same" } as const)),
    { kind: "step", experiment: "cnn", arm: "dense", batch: 1 },
    { kind: "step", experiment: "dcgan", arm: "dcgan", batch: 2 },
  ];
  const cpu = openCpu("test");
  for (const task of does) {
    const prepared = await ours(cpu).prepare(task);
    assert.ok(await prepared.run(2) > 0, title(task));
    prepared.close();
  }
  cpu.close();
});

/** A contestant without a clock: it writes down whose turn it is, and fails in its third run. */
function scribe(name: string, log: string[], fails = false, seconds = 0.4): Entrant {
  return {
    name,
    start() {
      log.push(`${name} starts`);
      let runs = 0;
      return Promise.resolve({
        version: "1",
        adapter: "abacus",
        prepare: () =>
          Promise.resolve({
            run() {
              log.push(name);
              if (fails && ++runs === 3) throw new PeerError("out of ink");
              return Promise.resolve(seconds);
            },
            close() {},
          }),
        close: () => void log.push(`${name} leaves`),
      });
    },
  };
}

Deno.test("takeTurns() lets all contestants run once a round, in their order", async () => {
  const log: string[] = [];
  const { results } = await takeTurns([scribe("a", log), scribe("b", log)], [tiny], 2, () => {});
  const turns = ["a", "b", "a", "b"];
  const warmUp = ["a", "a", "b", "b"];
  assert.deepEqual(log, ["a starts", "b starts", ...warmUp, ...turns, "a leaves", "b leaves"]);
  assert.deepEqual(results[0]!.cells.map(({ samples, runs }) => [samples.length, runs]), [
    [2, 1],
    [2, 1],
  ]);
});

Deno.test("takeTurns() lets a very slow contestant run once", async () => {
  const log: string[] = [];
  const { results } = await takeTurns([scribe("a", log, false, 99)], [tiny], 3, () => {});
  assert.deepEqual(log, ["a starts", "a", "a leaves"]);
  assert.equal(results[0]!.cells[0]!.samples.length, 1);
});

Deno.test("takeTurns() starts a contestant that failed afresh for the next task", async () => {
  const log: string[] = [];
  const excused: Entrant = { ...scribe("c", log), excused: () => "has a note" };
  const absent: Entrant = { name: "d", start: () => Promise.reject(new Error("at home")) };
  const entrants = [scribe("a", log), scribe("b", log, true), excused, absent];
  const { contestants, results } = await takeTurns(entrants, [tiny, tiny], 3, () => {});
  for (const { cells } of results) {
    assert.deepEqual(cells.map(({ error }) => error), [
      null,
      "out of ink",
      "has a note",
      "Error: at home",
    ]);
    assert.deepEqual(cells.map(({ samples }) => samples.length), [3, 0, 0, 0]);
  }
  assert.equal(log.filter((line) => line === "b starts").length, 2);
  assert.equal(contestants[3]!.error, "Error: at home");
});

Deno.test("plan() fills a group, and keeps a run of many seconds to one", async () => {
  const at = (seconds: number): Prepared => ({
    run: (times) => Promise.resolve(seconds * times),
    close() {},
  });
  assert.deepEqual(await plan(at(0.004)), { runs: 100 });
  assert.deepEqual(await plan(at(1)), { runs: 1 });
  assert.deepEqual(await plan(at(1e-9)), { runs: 4096 });
  assert.deepEqual(await plan(at(99)), { runs: 1, slow: 99 });
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

Deno.test("takeTurns() says what a peer that dies in the middle said", async () => {
  const mortal: Entrant = {
    name: "mortal",
    start: () =>
      startPeer(`
        console.log('{"version":"1","adapter":"abacus"}');
        let runs = 0;
        const decoder = new TextDecoder();
        for await (const chunk of Deno.stdin.readable) {
          if (JSON.parse(decoder.decode(chunk)).run && ++runs === 4) throw new Error("farewell");
          console.log('{"seconds":0.4}');
        }
      `),
  };
  const { results } = await takeTurns([mortal, scribe("a", [])], [tiny], 3, () => {});
  const [dead, alive] = results[0]!.cells;
  assert.match(dead!.error!, /farewell/);
  assert.deepEqual([dead!.samples.length, alive!.samples.length], [0, 3]);
});

Deno.test("PeerProcess.start() rejects with the first line of what a broken peer says", async () => {
  await assert.rejects(startPeer("throw new Error('nobody home')"), /PeerError.*nobody home/);
});
