/** Devices with a fault planted in them, and small cells to train on them. */
import { firstImages } from "../../core/data/dataset.ts";
import { mnistStandIn } from "../../core/data/stand_in_mnist.ts";
import { openCpu } from "../../core/device/cpu.ts";
import { type Device, DeviceError } from "../../core/device/device.ts";
import type { Adapter, Kernel, Program, View } from "../../core/device/program.ts";
import type { WebGpuDevice } from "../../core/device/webgpu.ts";
import { parse } from "../../core/experiment/parse.ts";
import { denoHost } from "../../core/experiment/host.ts";
import type { Host } from "../../core/experiment/host_interface.ts";
import { type Supervised, supervisedSchema } from "../../core/experiment/arms/arm.ts";
import type { TrainedCell } from "../../core/reproduce/locate.ts";
import { DECLARATION } from "../experiment/tiny.ts";

/** What a fault makes of a kernel; `undefined` leaves it as it is. */
export type Fault = (kernel: Kernel) => Kernel | undefined;

/** The device, but with every kernel changed that the fault changes; closing it closes nothing. */
export function planted(device: Device, fault: Fault): Device {
  const faulty = (program: Program): Program => ({
    ...program,
    steps: program.steps.map((step) => ({ ...step, kernel: fault(step.kernel) ?? step.kernel })),
  });
  return {
    info: device.info,
    async load(programs) {
      const loaded = new Map(programs.map((program) => [program, faulty(program)]));
      const memory = await device.load([...loaded.values()]);
      return { ...memory, run: (program, times) => memory.run(loaded.get(program)!, times) };
    },
    close() {},
  };
}

/** In the WGSL of the kernels of a name, joined stages' names too, `from` becomes `to`. */
export function edited(name: string, from: string, to: string): Fault {
  return (kernel) =>
    kernel.name.split("+").includes(name)
      ? {
        ...kernel,
        dispatch(adapter) {
          const { wgsl, workgroups } = kernel.dispatch(adapter);
          return { wgsl: wgsl.replaceAll(from, to), workgroups };
        },
      }
      : undefined;
}

/** The kernels as they are written for a GPU, where products go through workgroup memory. */
export function staged(then: Fault = () => undefined): Fault {
  const gpu: Adapter = { class: "discrete", name: "some GPU" };
  return (kernel) => {
    const changed = then(kernel) ?? kernel;
    return { ...changed, dispatch: () => changed.dispatch(gpu) };
  };
}

const published = await mnistStandIn();

function cell(arm: object): TrainedCell & { readonly arm: Supervised } {
  return {
    arm: parse(supervisedSchema, arm, "a cell of these tests"),
    seed: 0,
    data: {
      ...published,
      train: firstImages(published.train, 84),
      test: firstImages(published.test, 30),
    },
  };
}

/** Two dense layers, by Adam. */
export const DENSE = cell(DECLARATION.arms.narrow);

/** A convolution, a sigmoid and a dense layer, by stochastic gradient descent. */
export const CONVOLUTION = cell({
  ...DECLARATION.arms.linear,
  batch: 8,
  net: [
    { layer: "conv2d", filters: 4, kernel: 3, stride: 2, padding: "valid" },
    { layer: "sigmoid" },
    { layer: "maxPool", size: 2 },
    { layer: "flatten" },
    { layer: "dense", units: 10 },
  ],
});

/** A dense layer whose bias moves by less than the smallest number that is kept. */
export const SMALL_STEPS = cell({
  ...DECLARATION.arms.linear,
  optimiser: { optimiser: "sgd", learningRate: 1e-17 },
});

/** The references of the kernels of a name do their work and then something else. */
export function after(name: string, spoil: (views: readonly View[]) => void): Fault {
  return ({ simd: _, ...kernel }) =>
    kernel.name === name
      ? {
        ...kernel,
        reference(views) {
          kernel.reference(views);
          spoil(views);
        },
      }
      : undefined;
}

/** A machine whose adapter is the cpu device with a fault; with none, if no fault is given. */
export function machine(fault?: Fault, name = "Test Adapter"): Host {
  return {
    ...denoHost,
    cpuModel: () => "Test Processor",
    openWebGpuQuietly: () =>
      fault ? Promise.resolve(adapter(fault, name)) : Promise.reject(new DeviceError("no adapter")),
  };
}

function adapter(fault: Fault, name: string): WebGpuDevice {
  const facts = { fuses: false, reassociates: false, flushesSubnormals: false };
  return {
    ...planted(openCpu("inside", { threads: 1 }), fault),
    info: { kind: "webgpu", name, class: "discrete", spelling: "plain" },
    probe: { spelling: "plain", ...facts },
    limits: {},
  };
}
