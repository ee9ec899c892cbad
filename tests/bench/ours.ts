/** This project as a contestant. */
import { EXPERIMENTS, loadExperiment } from "../../core/cli/catalogue.ts";
import { shuffledBatches } from "../../core/data/batches.ts";
import type { Device } from "../../core/device/device.ts";
import type { Program } from "../../core/device/program.ts";
import type { Supervised } from "../../core/experiment/arm.ts";
import { storesFor } from "../../core/experiment/supervised_cell.ts";
import { compile } from "../../core/graph/compile.ts";
import { Graph, type State } from "../../core/graph/graph.ts";
import { conv2d } from "../../core/ops/conv2d.ts";
import { conv2dInputGradient } from "../../core/ops/conv2d_input_gradient.ts";
import { conv2dTranspose } from "../../core/ops/conv2d_transpose.ts";
import { conv2dWeightGradient } from "../../core/ops/conv2d_weight_gradient.ts";
import { matmul } from "../../core/ops/matmul.ts";
import { type Shape, size, type Value } from "../../core/ops/op.ts";
import { transpose } from "../../core/ops/transpose.ts";
import { buildSupervised, WINDOW } from "../../core/train/supervised.ts";
import { openTrainer, type Trainer } from "../../core/train/trainer.ts";
import type { Contestant, Prepared } from "./contestant.ts";
import { numbers, syntheticImages } from "./synthetic.ts";
import {
  type Convolution,
  KERNEL,
  outputSize,
  type Product,
  title,
  type TrainingStep,
  type TransposedConvolution,
  transposedSize,
} from "./task.ts";

/** Images on the device: 100 steps of an epoch at batch 64. */
const IMAGES = 6_400;

/** See the file's head. */
export function ours(device: Device): Contestant & { close(): void } {
  const { info } = device;
  return {
    version: "",
    adapter: `${info.name} (${info.class}, ${info.spelling} products)`,
    prepare(task) {
      switch (task.kind) {
        case "product":
          return prepareKernel(device, productOf(task));
        case "convolution":
          return prepareKernel(device, convolutionOf(task));
        case "transposed":
          return prepareKernel(device, transposedOf(task));
        case "step":
          return prepareStep(device, task);
        default:
          throw new TypeError(`samebits has no op for a ${title(task)}`);
      }
    },
    // The device belongs to the caller.
    close() {},
  };
}

/** A program whose inputs are random numbers. */
export interface KernelProgram {
  readonly program: Program;
  readonly inputs: readonly State[];
  /** The state whose first element is read to wait for the end. */
  readonly result: string;
}

/** Loads a program as a task: the runs of a group are queued together. */
export async function prepareKernel(
  device: Device,
  { program, inputs, result }: KernelProgram,
): Promise<Prepared> {
  const memory = await device.load([program]);
  for (const { name, length } of inputs) memory.write(name, numbers(length));
  return {
    async run(times) {
      const start = performance.now();
      memory.run(program, times);
      await memory.read(result, 0, 1);
      return (performance.now() - start) / 1000;
    },
    close: () => memory.close(),
  };
}

function productOf({ m, k, n }: Product): KernelProgram {
  return kernelProgram([[m, k], [k, n]], (a, b) => matmul(a, b));
}

function convolutionOf(task: Convolution): KernelProgram {
  const { pass, batch, height, width, channels, filters, stride, padding } = task;
  const move = { stride, padding };
  const input = [batch, height, width, channels];
  const weights = [KERNEL, KERNEL, channels, filters];
  const output = [batch, ...outputSize(task), filters];
  switch (pass) {
    case "forward":
      return kernelProgram([input, weights], (x, w) => conv2d(x, w, move));
    case "input gradient":
      return kernelProgram(
        [output, weights],
        (dy, w) => conv2dInputGradient(dy, w, { ...move, input }),
      );
    case "weight gradient":
      return kernelProgram(
        [input, output],
        (x, dy) => conv2dWeightGradient(x, dy, { ...move, weights }),
      );
  }
}

function transposedOf(task: TransposedConvolution): KernelProgram {
  const { pass, batch, height, width, channels, filters, kernel, stride, padding } = task;
  const move = { stride, padding };
  const input = [batch, height, width, channels];
  const weights = [kernel, kernel, channels, filters];
  const output = [batch, ...transposedSize(task), filters];
  switch (pass) {
    case "forward":
      return kernelProgram([input, weights], (x, w) => conv2dTranspose(x, w, move));
    case "input gradient":
      return kernelProgram([output, weights], (dy, w) => conv2d(dy, transpose(w), move));
    case "weight gradient": {
      const back = { ...move, weights: [kernel, kernel, filters, channels] };
      return kernelProgram([input, output], (x, dy) => {
        return transpose(conv2dWeightGradient(dy, x, back));
      });
    }
  }
}

function kernelProgram(
  [shapeA, shapeB]: readonly [Shape, Shape],
  emit: (a: Value, b: Value) => Value,
): KernelProgram {
  const graph = new Graph();
  const a: State = { name: "a", type: "f32", length: size(shapeA) };
  const b: State = { name: "b", type: "f32", length: size(shapeB) };
  const value = emit(graph.leaf(a, shapeA), graph.leaf(b, shapeB));
  graph.place(value, { name: "c", type: "f32", length: size(value.shape) });
  return { program: compile(graph, "kernel"), inputs: [a, b], result: "c" };
}

async function prepareStep(device: Device, task: TrainingStep): Promise<Prepared> {
  const trainer = await openNet(device, task);
  let step = 0;
  return {
    async run(times) {
      const start = performance.now();
      for (const end = step + times; step < end;) {
        step = (await trainer.train(step, Math.min(step + WINDOW, end))).end;
      }
      return (performance.now() - start) / 1000;
    },
    close: () => trainer.close(),
  };
}

/** An arm of an experiment at another batch size. */
export async function armOf({ experiment, arm: name, batch }: TrainingStep): Promise<Supervised> {
  const { arms } = await loadExperiment(EXPERIMENTS, experiment);
  const arm = arms[name];
  if (arm?.kind !== "supervised") throw new TypeError(`${experiment} has no net "${name}"`);
  return { ...arm, batch };
}

/** A trainer of a net as an experiment has it, on noise, with initialised weights. */
export async function openNet(device: Device, task: TrainingStep): Promise<Trainer> {
  const config = await armOf(task);
  const stores = storesFor(config, { train: IMAGES, test: task.batch });
  const trainer = await openTrainer(device, {
    programs: buildSupervised(config, stores),
    config,
    stores,
    data: syntheticImages(config.data, IMAGES, task.batch),
    seed: 0,
    order: shuffledBatches(0, Uint32Array.from({ length: IMAGES }, (_, i) => i), task.batch),
  });
  trainer.initialise();
  return trainer;
}
