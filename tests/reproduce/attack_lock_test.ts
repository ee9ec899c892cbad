/** What a lock keeps of images under attack, and what a report makes of it. */
import assert from "node:assert/strict";
import { mnistStandIn } from "../../core/data/stand_in_mnist.ts";
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { readRun, type StoredRun } from "../../core/experiment/records/read_run.ts";
import {
  attackedFiles,
  type AttackFigure,
} from "../../core/experiment/samples/attacked_samples.ts";
import { lockedRun, readLock } from "../../core/reproduce/lock.ts";
import { figuresSection } from "../../reports/figures.ts";
import { reported } from "../../reports/reported.ts";
import { runTiny, testInFolder } from "../experiment/tiny.ts";
import { filesBelow } from "../folders.ts";
import { lock, LOCKABLE, lockedIn } from "./lockable_run.ts";

const [arm, epsilon] = ["linear", 0.3];
const IMAGES: AttackFigure = {
  figure: "attacked images",
  arm,
  attack: { attack: "fgsm", epsilon },
  images: 3,
};
const STRIPS: AttackFigure = {
  figure: "epsilon strips",
  arm,
  attack: "noise",
  epsilons: [0.1, epsilon],
  images: 2,
};
/** That leaves no picture. */
const NONE: AttackFigure = { ...IMAGES, attack: { attack: "noise", epsilon: 1e-6 } };

function declaring(...figures: AttackFigure[]): Experiment {
  return defineExperiment({ ...LOCKABLE, figures });
}

async function run(folder: string, experiment: Experiment): Promise<StoredRun> {
  const { folder: run } = await runTiny(folder, {
    experiment,
    preset: "standard",
    // What stands for the published data here.
    download: async () => ({ ...await mnistStandIn(), source: "published" }),
  });
  return await readRun(denoHost, run);
}

testInFolder(
  "a lock keeps images under attack, and a report of it shows what the run's does",
  async (folder) => {
    const experiment = declaring(IMAGES, STRIPS, NONE);
    const stored = await run(folder, experiment);
    await lock(folder, { run: stored, experiment });
    const [images, strips, none] = await Promise.all([IMAGES, STRIPS, NONE].map(attackedFiles));
    const shown = [
      images!.numbers,
      images!.picture,
      strips!.numbers,
      strips!.picture,
      none!.numbers,
    ]
      .map((name) => `linear-s0/${name}`);
    const at = lockedIn(folder);
    const kept = await filesBelow(at);
    assert.deepEqual(Object.keys(kept).sort(), ["lock.json", "losses.csv", ...shown].sort());
    for (const path of shown) {
      assert.deepEqual(kept[path], await Deno.readFile(`${stored.folder}/${path}`));
    }
    const read = await readLock(denoHost, at);
    const section = async (...args: Parameters<typeof reported>) => {
      const made = await figuresSection(await reported(...args));
      return made === "" ? "" : made.text;
    };
    const ofRun = await section(denoHost, experiment, stored);
    assert.equal(ofRun.match(/<figure class=/g)!.length, 3 * 3 + 2 * 3);
    assert.match(ofRun, /none that linear-s0 gets right is taken for another class/);
    assert.equal(await section(denoHost, experiment, lockedRun(at, read), read), ofRun);

    // Another declaration, another lock: what is not shown any more is taken away.
    const fewer = declaring(STRIPS);
    await lock(folder, { run: stored, experiment: fewer });
    assert.deepEqual(
      Object.keys(await filesBelow(at)).sort(),
      ["lock.json", "losses.csv", ...shown.slice(2, 4)].sort(),
    );
    await Deno.writeTextFile(`${at}/${shown[0]}`, "{}");
    await assert.rejects(readLock(denoHost, at), {
      name: "DeclarationError",
      message: /attacked-[0-9a-f]{8}\.json: lock\.json names no such file; remove it/,
    });
    await Deno.remove(`${at}/${shown[0]}`);

    const damaged = `${stored.folder}/${shown[1]}`;
    await Deno.writeFile(damaged, (await Deno.readFile(damaged)).subarray(0, 20));
    await assert.rejects(lock(folder, { run: stored, experiment }), {
      name: "DeclarationError",
      message: /attacked-[0-9a-f]{8}\.png: expected a PNG of 84 x 84 pixels, grey.*found no PNG/,
    });
  },
);
