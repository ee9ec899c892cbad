/** This project as a contestant. */
import type { Device, StepTime } from "../../core/device/device.ts";
import type { Supervised } from "../../core/experiment/arm.ts";
import { storesFor } from "../../core/experiment/supervised_cell.ts";
import { buildSupervised } from "../../core/train/supervised.ts";
import { compile } from "../../core/graph/compile.ts";
import { Graph } from "../../core/graph/graph.ts";
import { matmul } from "../../core/ops/matmul.ts";
import { WINDOW } from "../../core/train/supervised.ts";
import { openTrainer, type Trainer } from "../../core/train/trainer.ts";
import cnn from "../../experiments/cnn/mod.ts";
import type { Contestant, Prepared } from "./contestant.ts";
import { numbers, syntheticImages } from "./synthetic.ts";
import type { Product, Task, TrainingStep } from "./task.ts";

/** Runs before timing starts: kernels are compiled and memory is touched. */
const WARM_UP = 2;
/** Images on the device: 100 steps of an epoch at batch 64. */
const IMAGES = 6_400;

/** A prepared task whose dispatches can also be timed on the device. */
export interface OursPrepared extends Prepared {
  /** Runs once and times each dispatch. */
  profile(): Promise<StepTime[]>;
}

/** This project on a device. */
export interface Ours extends Contestant {
  prepare(task: Task): Promise<OursPrepared>;
}

/** See {@link Ours}. */
export function ours(device: Device): Ours {
  return {
    prepare: (task) =>
      task.kind === "product" ? prepareProduct(device, task) : prepareStep(device, task),
  };
}

async function prepareProduct(device: Device, { m, k, n }: Product): Promise<OursPrepared> {
  const graph = new Graph();
  const a = graph.leaf({ name: "a", type: "f32", length: m * k }, [m, k]);
  const b = graph.leaf({ name: "b", type: "f32", length: k * n }, [k, n]);
  graph.place(matmul(a, b), { name: "c", type: "f32", length: m * n });
  const program = compile(graph, "product");
  const memory = await device.load([program]);
  memory.write("a", numbers(m * k));
  memory.write("b", numbers(k * n));
  const prepared: OursPrepared = {
    async run(times) {
      const start = performance.now();
      memory.run(program, times);
      await memory.read("c", 0, 1);
      return (performance.now() - start) / 1000;
    },
    profile: () => memory.profile(program),
    close: () => memory.close(),
  };
  await prepared.run(WARM_UP);
  return prepared;
}

async function prepareStep(device: Device, { arm, batch }: TrainingStep): Promise<OursPrepared> {
  const trainer = await openNet(device, arm, batch);
  let step = 0;
  const prepared: OursPrepared = {
    async run(times) {
      const start = performance.now();
      for (const end = step + times; step < end;) {
        step = (await trainer.train(step, Math.min(step + WINDOW, end))).end;
      }
      return (performance.now() - start) / 1000;
    },
    profile: () => trainer.profile(),
    close: () => trainer.close(),
  };
  await prepared.run(WARM_UP);
  return prepared;
}

/** An arm of `experiments/cnn` at another batch size. */
export function armOf(name: TrainingStep["arm"], batch: number): Supervised {
  const arm = cnn.arms[name];
  if (arm?.kind !== "supervised") throw new TypeError(`experiments/cnn has no net "${name}"`);
  return { ...arm, batch };
}

/** A trainer of a net as an experiment has it, on noise, with initialised weights. */
export async function openNet(
  device: Device,
  name: TrainingStep["arm"],
  batch: number,
): Promise<Trainer> {
  const config = armOf(name, batch);
  const stores = storesFor(config, { train: IMAGES, test: batch });
  const trainer = await openTrainer(device, {
    programs: buildSupervised(config, stores),
    config,
    stores,
    data: syntheticImages(IMAGES, batch),
    seed: 0,
    trainIndices: Uint32Array.from({ length: IMAGES }, (_, i) => i),
  });
  trainer.initialise();
  return trainer;
}
