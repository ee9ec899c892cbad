import assert from "node:assert/strict";
import { adversarial } from "../../../core/experiment/arms/adversarial.ts";
import { defineExperiment, type Experiment } from "../../../core/experiment/define.ts";
import { denoHost } from "../../../core/experiment/host.ts";
import type { Host } from "../../../core/experiment/host_interface.ts";
import {
  GENERATED,
  gridName,
  neighboursSchema,
} from "../../../core/experiment/samples/generated_samples.ts";
import type { CellRecord } from "../../../core/experiment/records/record.ts";
import type { RunOptions } from "../../../core/experiment/run.ts";
import { filesIn } from "../../folders.ts";
import { leftBehind, runTiny, testInFolder, timeless, Watch } from "../tiny.ts";
import {
  DECLARATION,
  digestOfTensors,
  lockYardstick,
  tinyPairs,
  WEIGHTS,
  YARDSTICK,
} from "../tiny_pair.ts";

interface Asked extends Partial<RunOptions> {
  readonly experiment?: Experiment;
  readonly host?: Host;
  readonly watch?: Watch;
}

/** Runs the tiny pairs at `quick`, or as asked, with the yardstick's lock below the same folder. */
async function runPairs(folder: string, asked: Asked = {}) {
  const experiments = await lockYardstick(folder);
  return await runTiny(folder, { experiment: tinyPairs, experiments, ...asked });
}

/** Everything that a cell left, its pictures too. */
async function allLeft(folder: string, id: string) {
  const files = (await filesIn(`${folder}/${id}`)).filter((path) => path.includes("samples/"));
  const pictures = files.map(async (path) =>
    [path, await Deno.readFile(`${folder}/${id}/${path}`)] as const
  );
  return { ...await leftBehind(folder, id), pictures: await Promise.all(pictures) };
}

testInFolder("a pair is looked at on the way, and leaves what was seen", async (folder) => {
  const watch = new Watch();
  const { folder: run, cells: [cell] } = await runPairs(folder, { arms: ["judged"], watch });
  const { status, progress, measures } = cell!;
  assert.equal(status, "finished");
  assert.deepEqual(progress.looks!.map(({ step }) => step), [5, 10, 12]);
  assert.deepEqual(watch.looks, progress.looks);
  assert.deepEqual(progress.chain.map(([step]) => step), [0, 12]);
  const { images, real, noise } = progress.range!;
  assert.equal(images, 20);
  assert.ok(0 < real && real < noise, `${real} ${noise}`);
  for (const { discriminator, yardstick, activations } of progress.looks!) {
    const whole = 40 * discriminator.accuracy;
    assert.ok(Math.abs(whole - Math.round(whole)) < 1e-9);
    assert.equal(yardstick!.shares.length, 10);
    assert.ok(Math.abs(yardstick!.shares.reduce((sum, share) => sum + share) - 1) < 1e-12);
    assert.ok(yardstick!.frechetDistance! > 0);
    assert.deepEqual(Object.keys(activations!), [
      "generator/relu1",
      "generator/tanh1",
      "discriminator/leakyRelu1",
    ]);
  }
  assert.equal(measures["Frechet distance"], progress.looks!.at(-1)!.yardstick!.frechetDistance);
  assert.equal(measures["reversal"], undefined);
  const { metrics, pictures } = await allLeft(run, "judged-s0");
  const rows = metrics.trim().split("\n").slice(1).map((row) => row.split(",").slice(0, 3).join());
  assert.equal(new Set(rows).size, rows.length);
  assert.equal(rows.length, 12 * 2 + 3 * 3);
  for (const row of ["1,discriminator,loss", "12,generator,loss", "5,discriminator,accuracy"]) {
    assert.ok(rows.includes(row), row);
  }
  const drawn = [GENERATED.interpolation, GENERATED.nearest, GENERATED.neighbours];
  assert.deepEqual(
    pictures.map(([path]) => path).sort(),
    [...[5, 10, 12].map(gridName), ...drawn].sort(),
  );
  const near = neighboursSchema.parse(
    JSON.parse(await Deno.readTextFile(`${run}/judged-s0/${GENERATED.neighbours}`)),
  );
  assert.deepEqual([near.generated.length, near.test.length], [16, 16]);
});

testInFolder("a pair without a yardstick is looked at by its discriminator", async (folder) => {
  const { cells: [cell] } = await runPairs(folder, { arms: ["plain"] });
  const { progress: { looks, range }, measures } = cell!;
  assert.equal(range, undefined);
  for (const look of looks!) assert.deepEqual(Object.keys(look), ["step", "discriminator"]);
  assert.deepEqual(Object.keys(measures), ["discriminator accuracy", "parameters"]);
});

testInFolder(
  "stopped after every step and resumed, a pair leaves what one leaves in one go",
  async (folder) => {
    const { folder: whole } = await runPairs(folder, { arms: ["judged"] });
    const expected = await allLeft(whole, "judged-s0");
    assert.equal(expected.record.progress.looks!.length, 3);
    let { folder: run } = await runPairs(folder, { arms: ["judged"], watch: new Watch(1) });
    for (let step = 1; step < 12; step++) {
      // A kill can leave metrics.csv ahead of the checkpoint; a resume cuts it back.
      await denoHost.appendText(`${run}/judged-s0/metrics.csv`, "14,gen");
      const watch = new Watch(1);
      const resumed = await runPairs(folder, { resume: run, watch });
      assert.deepEqual(watch.started, [["judged-s0", step]]);
      assert.equal(watch.steps, 1);
      run = resumed.folder;
    }
    // The pictures of the finished one are still to be drawn.
    assert.ok((await runPairs(folder, { resume: run })).complete);
    assert.deepEqual(await allLeft(run, "judged-s0"), expected);
  },
);

testInFolder(
  "displacements go on over a resume, of a pair and of a single net",
  async (folder) => {
    for (const arm of ["judged", "net"]) {
      const set = arm === "judged" ? { lookEvery: 150 } : undefined;
      const asked = { arms: [arm], steps: 405, set };
      const whole = await runPairs(folder, asked);
      const expected = await leftBehind(whole.folder, `${arm}-s0`);
      const { cosines } = expected.record.progress;
      assert.deepEqual(cosines!.map(([step]) => step), [200, 300, 400]);
      assert.ok(cosines!.every(([, cosine]) => Math.abs(cosine) < 1));
      assert.equal(
        expected.record.measures["reversal"],
        -cosines!.reduce((sum, [, cosine]) => sum + cosine, 0) / 3,
      );
      for (const stopAfter of [99, 250, 300]) {
        const watch = new Watch(stopAfter);
        const { folder: run } = await runPairs(folder, { ...asked, watch });
        await runPairs(folder, { resume: run });
        assert.deepEqual(await leftBehind(run, `${arm}-s0`), expected, `${arm} at ${stopAfter}`);
      }
    }
  },
);

const wild = { optimiser: "sgd", learningRate: 1e30 } as const;
const { plain, judged } = DECLARATION.arms;
const declared = (arm: typeof plain, name = "wild") =>
  defineExperiment({ ...DECLARATION, arms: { ...DECLARATION.arms, [name]: arm } });

testInFolder("a pair that diverges is a result, and the run goes on", async (folder) => {
  const experiment = declared({ ...judged, generator: { ...judged.generator, optimiser: wild } });
  const { cells, complete, judgements, folder: run } = await runPairs(folder, {
    experiment,
    arms: ["wild", "judged"],
  });
  assert.ok(complete);
  const found = cells.find(({ arm }) => arm === "wild")!;
  assert.equal(found.status, "diverged");
  assert.match(
    found.reason!,
    /^(the (generator|discriminator)'s loss|a gradient|what the (nets put out|yardstick makes of generated images)) at step \d+ is not finite; lower the learning rate$/,
  );
  assert.deepEqual(found.measures, {});
  const metrics = await Deno.readTextFile(`${run}/wild-s0/metrics.csv`);
  assert.ok(!/NaN|Infinity/.test(metrics.replace(/.*frechet distance,NaN\n/g, "")), metrics);
  assert.equal(cells.find(({ arm }) => arm === "judged")!.status, "finished");
  assert.deepEqual(judgements.map(({ id }) => id), ["pair-generates"]);
  const again = await runPairs(folder, { experiment, resume: run });
  assert.deepEqual(again.cells.map(timeless), cells.map(timeless));
});

testInFolder("images too large for the yardstick end a cell as diverged", async (folder) => {
  // Linear at its output, the generator puts out thousands; the yardstick's weights do the rest.
  const tensors = WEIGHTS.map((tensor, i) =>
    i === 0 ? { ...tensor, data: tensor.data.map((weight) => weight * 1e34) } : tensor
  );
  const experiment = declared({
    ...judged,
    generator: {
      net: judged.generator.net.filter(({ layer }) => layer !== "tanh"),
      optimiser: { optimiser: "adam", learningRate: 1e5 },
    },
    yardstick: { ...YARDSTICK, features: "dense1", weights: await digestOfTensors(tensors) },
  });
  const { cells: [cell] } = await runTiny(folder, {
    experiment,
    experiments: await lockYardstick(folder, tensors),
    arms: ["wild"],
  });
  assert.equal(cell!.status, "diverged");
  assert.equal(
    cell!.reason,
    "what the yardstick makes of generated images at step 5 is not finite; lower the learning rate",
  );
});

testInFolder("a pair that collapses to a loss of 0 finishes", async (folder) => {
  // Nothing but a sharp discriminator learns: generated images stay what they are.
  const still = { optimiser: "sgd", learningRate: 1e-30 } as const;
  const experiment = declared({
    ...judged,
    generator: { ...judged.generator, optimiser: still },
    discriminator: {
      net: [{ layer: "flatten" }, { layer: "dense", units: 1 }],
      optimiser: { optimiser: "sgd", learningRate: 1e4 },
    },
  });
  const { cells: [cell], folder: run } = await runPairs(folder, { experiment, arms: ["wild"] });
  assert.equal(cell!.status, "finished");
  const metrics = await Deno.readTextFile(`${run}/wild-s0/metrics.csv`);
  assert.match(metrics, /\n11,discriminator,loss,0\n/);
  assert.equal(cell!.measures["discriminator accuracy"], 1);
});

testInFolder(
  "another seed gives another pair, held against the same real images",
  async (folder) => {
    const { cells } = await runPairs(folder, { arms: ["judged"], seeds: [0, 1] });
    const [zero, one] = cells as [CellRecord, CellRecord];
    assert.deepEqual(one.progress.range, zero.progress.range);
    const distances = cells.map(({ measures }) => measures["Frechet distance"]);
    assert.notEqual(distances[0], distances[1]);
  },
);

Deno.test("an adversarial arm with an unknown field, or a wrong yardstick, is refused by name", () => {
  const refused = (changes: object, message: RegExp) =>
    assert.throws(() => declared(adversarial({ ...plain, ...changes } as never)), {
      name: "DeclarationError",
      message,
    });
  refused({ lookevery: 3 }, /wild.*"lookevery" is no field here; did you mean "lookEvery"/);
  refused({ generator: { ...plain.generator, layers: [] } }, /generator.*"layers" is no field/);
  refused({ yardstick: { ...judged.yardstick, weights: "abc" } }, /yardstick\.weights/);
  refused({ yardstick: { ...judged.yardstick, cell: "../other" } }, /yardstick\.cell/);
  refused({ yardstick: { ...judged.yardstick, experiment: "../mnist" } }, /yardstick\.experiment/);
  refused({ code: 0 }, /code/);
  refused({ pixels: "0..255" }, /pixels/);
});
