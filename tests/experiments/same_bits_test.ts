/**
 * The promise itself: every experiment that there is trains to the same bits on the adapter under
 * test and on the cpu device, step by step; CI runs this on lavapipe and on SwiftShader. Of what
 * trains nothing, the results are compared.
 */
import assert from "node:assert/strict";
import { experimentNames, EXPERIMENTS, loadExperiment } from "../../core/cli/catalogue.ts";
import { type Dataset, type DatasetName } from "../../core/data/dataset.ts";
import { loadDataset } from "../../core/data/load.ts";
import type { Device } from "../../core/device/device.ts";
import type { Supervised } from "../../core/experiment/arm.ts";
import type { Experiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { type Cell, planCells } from "../../core/experiment/plan.ts";
import { openCell } from "../../core/experiment/supervised_cell.ts";
import { checkWgsl } from "../../core/experiment/wgsl_check.ts";
import { digestOfFloats } from "../../core/numerics/digest.ts";
import { cpu, simd, test, webGpu } from "../ops/harness.ts";

/** Steps of every arm; without it, few of the main arms. */
const ASKED = Number(Deno.env.get("SAMEBITS_TEST_STEPS") ?? 0);
const STEPS = ASKED || 10;
const BATCH = 16;

/** The cells to compare: every arm's that was asked for, or is a computation, else the main arm's. */
async function cellsOf(experiment: Experiment): Promise<Cell[]> {
  const all = Object.keys(experiment.arms);
  const { arms: [main] = all, trainImages = Infinity } = experiment.presets.quick;
  const wanted = all.filter((arm) =>
    ASKED > 0 || arm === main || experiment.arms[arm]!.kind === "computation"
  );
  const planned = wanted.map((arm) => {
    const declared = experiment.arms[arm]!;
    const tooMany = declared.kind === "supervised" && (declared.subset ?? 0) > trainImages;
    const set = {
      ...declared.kind === "supervised" && { batch: BATCH },
      ...tooMany && { subset: trainImages },
      ...declared.kind === "nearestNeighbour" && { trainImages: 5_000, testImages: 100 },
    };
    return planCells(experiment, { preset: "quick", seeds: [0], arms: [arm], steps: STEPS, set });
  });
  return (await Promise.all(planned)).flatMap(([first]) => first!);
}

const drawn = new Map<DatasetName, Promise<Dataset>>();

/** The stand-in: what is compared needs no real images. */
function dataOf(name: DatasetName): Promise<Dataset> {
  const found = drawn.get(name) ??
    loadDataset(name, { files: denoHost.files, directories: [], allowStandIn: true });
  drawn.set(name, found);
  return found;
}

/** What each step came to, the weights as drawn first. */
async function trained(device: Device, arm: Supervised, seed: number, steps: number) {
  const { trainer } = await openCell(device, arm, seed, await dataOf(arm.data));
  try {
    trainer.initialise();
    const weights = async () => await digestOfFloats(await trainer.weights());
    const course = [{ losses: [NaN], largestGradients: [NaN], weights: await weights() }];
    for (let step = 0; step < steps; step++) {
      const { losses, largestGradients } = await trainer.train(step, step + 1);
      course.push({
        losses: [...losses],
        largestGradients: [...largestGradients],
        weights: await weights(),
      });
    }
    return course;
  } finally {
    trainer.close();
  }
}

for (const name of await experimentNames(EXPERIMENTS)) {
  for (const cell of await cellsOf(await loadExperiment(EXPERIMENTS, name))) {
    const { arm, config, seed } = cell;
    if (config.kind === "supervised") {
      test(`${name}: ${STEPS} steps of ${arm} at batch ${BATCH} are the same on every device`, async () => {
        const expected = await trained(simd, config, seed, STEPS);
        assert.equal(new Set(expected.map(({ weights }) => weights)).size, STEPS + 1);
        assert.deepEqual(await trained(cpu, config, seed, 1), expected.slice(0, 2));
        assert.deepEqual(await trained(await webGpu(), config, seed, STEPS), expected);
      });
    } else {
      test(`${name}: ${arm} gives the same on every device`, async () => {
        const data = config.kind === "computation" ? undefined : await dataOf(config.data);
        for (const other of [cpu, await webGpu()]) {
          const { same, text } = await checkWgsl(cell, data, simd, other);
          assert.ok(same, text);
        }
      });
    }
  }
}
