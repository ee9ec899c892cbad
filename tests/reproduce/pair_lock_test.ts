/** What a lock keeps of a pair of nets, and what a report makes of it. */
import assert from "node:assert/strict";
import { denoHost } from "../../core/experiment/host.ts";
import { lockedRun, readLock } from "../../core/reproduce/lock.ts";
import { meanLosses, readLosses } from "../../core/reproduce/losses.ts";
import { figuresSection } from "../../reports/figures.ts";
import { reported } from "../../reports/reported.ts";
import { testInFolder } from "../experiment/tiny.ts";
import { copyFolder, filesBelow } from "../folders.ts";
import { lock, lockedIn } from "./lockable_run.ts";
import { pair, pairRun } from "./tiny_pair.ts";

/** Three of the four looks, evenly spread. */
const SHOWN = [
  "pair-s0/samples/generated-000052.png",
  "pair-s0/samples/generated-000078.png",
  "pair-s0/samples/generated-000104.png",
  "pair-s0/samples/interpolation.png",
  "pair-s0/samples/nearest.json",
  "pair-s0/samples/nearest.png",
];

testInFolder("a lock keeps the pictures of the first seed that figures show", async (folder) => {
  const run = await pairRun();
  const { files } = await lock(folder, { run, experiment: pair });
  assert.deepEqual([...files].sort(), ["lock.json", "losses.csv", ...SHOWN]);
  const kept = await filesBelow(lockedIn(folder));
  assert.deepEqual(Object.keys(kept).sort(), ["lock.json", "losses.csv", ...SHOWN]);
  for (const path of SHOWN) {
    assert.deepEqual(kept[path], await Deno.readFile(`${run.folder}/${path}`));
  }
});

testInFolder("pictures that are not shown any more are taken away", async (folder) => {
  const run = await pairRun();
  await lock(folder, { run, experiment: pair });
  const at = lockedIn(folder);
  const own = `${at}/pair-s0/samples/of-my-own.png`;
  await Deno.writeTextFile(own, "");
  const figures = [{ figure: "generated", arm: "pair", looks: 1 } as const];
  await lock(folder, { run, experiment: { ...pair, figures } });
  assert.deepEqual(Object.keys(await filesBelow(at)).sort(), [
    "lock.json",
    "losses.csv",
    SHOWN[2],
    "pair-s0/samples/of-my-own.png",
  ]);
  await Deno.copyFile(`${at}/${SHOWN[2]}`, `${at}/${SHOWN[0]}`);
  const message = /generated-000052\.png: lock\.json names no such file; remove it, or lock/;
  await assert.rejects(readLock(denoHost, at), { name: "DeclarationError", message });
});

testInFolder("a report of a lock shows what that of its run does", async (folder) => {
  const run = await pairRun();
  await lock(folder, { run, experiment: pair });
  const at = lockedIn(folder);
  const read = await readLock(denoHost, at);
  const section = async (...args: Parameters<typeof reported>) => {
    const made = await figuresSection(await reported(...args));
    return made === "" ? "" : made.text;
  };
  const ofRun = await section(denoHost, pair, run);
  assert.equal(ofRun.match(/<img /g)!.length, 5);
  assert.match(ofRun, /aria-label="Training losses\. discriminator ends at/);
  assert.equal(await section(denoHost, pair, lockedRun(at, read), read), ofRun);
});

testInFolder("losses.csv tells the nets of a pair apart, and is read back", async (folder) => {
  const run = await pairRun();
  await lock(folder, { run, experiment: pair });
  const path = `${lockedIn(folder)}/losses.csv`;
  const lines = (await Deno.readTextFile(path)).split("\n");
  assert.equal(lines[0], "cell,step,set,mean training loss");
  const metrics = await Deno.readTextFile(`${run.folder}/pair-s1/metrics.csv`);
  for (const net of ["discriminator", "generator"]) {
    const losses = metrics.split("\n").filter((line) => line.includes(`,${net},loss,`))
      .map((line) => Number(line.split(",")[3]));
    assert.equal(losses.length, 104);
    for (const [from, to] of [[0, 100], [100, 104]] as const) {
      const mean = losses.slice(from, to).reduce((sum, loss) => sum + loss, 0) / (to - from);
      assert.ok(lines.includes(`pair-s1,${to},${net},${Number(mean.toPrecision(6))}`));
    }
  }
  assert.equal(lines.filter((line) => /^linear-s\d,\d+,train,/.test(line)).length, 2 * 2);
  const read = await readLosses(denoHost, path);
  assert.equal(read.length, lines.length - 2);
  assert.deepEqual(read, await meanLosses(denoHost, run.folder, run.cells));
});

testInFolder(
  "losses.csv without pairs has no column for them, and is read as well",
  async (folder) => {
    const run = await pairRun();
    const path = `${folder}/losses.csv`;
    await Deno.writeTextFile(path, "cell,step,mean training loss\nlinear-s0,100,0.25\n");
    assert.deepEqual(await readLosses(denoHost, path), [
      { cell: "linear-s0", step: 100, set: "train", loss: 0.25 },
    ]);
    for (
      const [row, words] of [
        ["linear-s0,100,", /losses\.csv:2: expected a cell, a step and a mean training loss/],
        ["linear-s0,100,NaN", /losses\.csv:2: /],
        ["linear-s0,100,1e999", /losses\.csv:2: /],
        ["linear-s0,-1,0.25", /losses\.csv:2: /],
        ["linear-s0,1.5,0.25", /losses\.csv:2: /],
        ["linear-s0", /losses\.csv:2: /],
      ] as const
    ) {
      await Deno.writeTextFile(path, `cell,step,mean training loss\n${row}\n`);
      await assert.rejects(readLosses(denoHost, path), {
        name: "DeclarationError",
        message: words,
      });
    }
    await Deno.writeTextFile(path, "cell,step,set,mean training loss\npair-s0,100,nobody,1\n");
    await assert.rejects(readLosses(denoHost, path), /losses\.csv:2: /);
    const cells = run.cells.filter(({ arm }) => arm === "linear");
    assert.ok((await meanLosses(denoHost, run.folder, cells)).every(({ set }) => set === "train"));
  },
);

testInFolder("a pair's metrics that lack a loss are refused by the net", async (folder) => {
  const run = await pairRun();
  await copyFolder(run.folder, `${folder}/run`);
  const path = `${folder}/run/pair-s0/metrics.csv`;
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, text.replace("\n7,generator,", "\n8,generator,"));
  await assert.rejects(
    lock(folder, { run: { ...run, folder: `${folder}/run` }, experiment: pair }),
    {
      name: "DeclarationError",
      message: /metrics\.csv: expected a training loss of the generator of each step from 1 to 104/,
    },
  );
});

testInFolder("pictures of another size than the cell's are not locked", async (folder) => {
  const run = await pairRun();
  await copyFolder(run.folder, `${folder}/run`);
  const cut = `${folder}/run/${SHOWN[3]}`;
  await Deno.writeFile(cut, (await Deno.readFile(cut)).subarray(0, 20));
  await assert.rejects(
    lock(folder, { run: { ...run, folder: `${folder}/run` }, experiment: pair }),
    {
      name: "DeclarationError",
      message: /interpolation\.png: expected a PNG of 224 x 224 pixels, grey .* found no PNG/,
    },
  );
});
