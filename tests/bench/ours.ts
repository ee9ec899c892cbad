/** This project as a contestant. */
import { EXPERIMENTS, loadExperiment } from "../../core/cli/catalogue.ts";
import { shuffledBatches } from "../../core/data/batches.ts";
import type { Device } from "../../core/device/device.ts";
import type { Program } from "../../core/device/program.ts";
import { isTrained, type Trained } from "../../core/experiment/arms/arm.ts";
import { openShown } from "../../core/experiment/cells/open_training.ts";
import { compile } from "../../core/graph/compile.ts";
import { Graph, type State } from "../../core/graph/graph.ts";
import { batchNorm, batchNormOp } from "../../core/ops/batch_norm.ts";
import { conv2d } from "../../core/ops/conv2d.ts";
import { conv2dInputGradient } from "../../core/ops/conv2d_input_gradient.ts";
import { conv2dTranspose } from "../../core/ops/conv2d_transpose.ts";
import { conv2dWeightGradient } from "../../core/ops/conv2d_weight_gradient.ts";
import { follow } from "../../core/ops/follow.ts";
import { matmul } from "../../core/ops/matmul.ts";
import { moments } from "../../core/ops/moments.ts";
import { type Shape, size, type Value } from "../../core/ops/op.ts";
import { transpose } from "../../core/ops/transpose.ts";
import type { Training } from "../../core/train/training.ts";
import { WINDOW } from "../../core/train/window.ts";
import type { Contestant, Prepared } from "./contestant.ts";
import { numbers, syntheticImages } from "./synthetic.ts";
import {
  type Convolution,
  KERNEL,
  type Norm,
  outputSize,
  type Product,
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
        case "norm":
          return prepareKernel(device, normOf(task));
        case "step":
          return prepareStep(device, task);
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

/** BatchNorm as its layer trains it: the running moments follow. */
function normOf({ batch, height, width, channels }: Norm): KernelProgram {
  const rows = [batch * height * width, channels], row = [channels];
  const attributes = { epsilon: 1e-5, own: true };
  return kernelProgram(
    [rows, rows, row, row, row, row],
    (x, dy, gamma, beta, runningMean, runningVariance) => {
      const { mean, variance } = moments(x);
      follow(mean, runningMean, { keep: 0.9, share: 0.1 });
      follow(variance, runningVariance, { keep: 0.9, share: 0.1 });
      const output = batchNorm(x, { mean, variance, gamma, beta }, attributes);
      const inputs = [x, mean, variance, gamma, beta];
      const gradients = batchNormOp.gradient!({ inputs, output, attributes }, dy);
      return [output, ...gradients.filter((gradient) => gradient !== undefined)];
    },
  );
}

/** A program that computes values of random numbers; the last of them is waited for. */
function kernelProgram<const S extends readonly Shape[]>(
  shapes: S,
  emit: (...inputs: { [I in keyof S]: Value }) => Value | readonly Value[],
): KernelProgram {
  const graph = new Graph();
  const inputs = shapes.map((shape, i): State => {
    return { name: `input${i}`, type: "f32", length: size(shape) };
  });
  const leaves = inputs.map((state, i) => graph.leaf(state, shapes[i]!));
  const values = [emit(...leaves as { [I in keyof S]: Value })].flat();
  values.forEach((value, i) => {
    graph.place(value, { name: `output${i}`, type: "f32", length: size(value.shape) });
  });
  return { program: compile(graph, "kernel"), inputs, result: `output${values.length - 1}` };
}

async function prepareStep(device: Device, task: TrainingStep): Promise<Prepared> {
  const training = await openNet(device, task);
  let step = 0;
  return {
    async run(times) {
      const start = performance.now();
      for (const end = step + times; step < end;) {
        step = (await training.train(step, Math.min(step + WINDOW, end))).end;
      }
      return (performance.now() - start) / 1000;
    },
    close: () => training.close(),
  };
}

/** An arm of an experiment at another batch size. */
export async function armOf({ experiment, arm: name, batch }: TrainingStep): Promise<Trained> {
  const { arms } = await loadExperiment(EXPERIMENTS, experiment);
  const arm = arms[name];
  if (!arm || !isTrained(arm)) throw new TypeError(`${experiment} trains no "${name}"`);
  return { ...arm, batch };
}

/** The training of nets as an experiment has it, on noise, with initialised weights. */
export async function openNet(device: Device, task: TrainingStep): Promise<Training> {
  const arm = await armOf(task);
  const order = shuffledBatches(0, Uint32Array.from({ length: IMAGES }, (_, i) => i), task.batch);
  const data = syntheticImages(arm.data, IMAGES, task.batch);
  const training = await openShown(device, arm, 0, { data, order, pixels: "unit" });
  training.initialise();
  return training;
}
