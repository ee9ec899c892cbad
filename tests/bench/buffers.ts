/**
 * Device memory, counted where it is allocated: `GPUDevice.createBuffer` and `GPUBuffer.destroy` are
 * wrapped, so that a buffer that somebody forgets shows.
 */
import type { Device } from "../../core/device/device.ts";
import { openNet } from "./ours.ts";
import { failed, type Row, row } from "./row.ts";
import { REFERENCE } from "./tasks.ts";
import { WINDOW } from "../../core/train/window.ts";

const STEPS = 1_000;
/** Small, so that 1,000 steps take a minute on a software adapter; the program is the real one. */
const SMALL_BATCH = 2;

/** Bytes of buffers. */
export interface BufferCount {
  /** Of all that live. */
  readonly held: () => number;
  /** The most that lived at one time since the last call. */
  readonly peak: () => number;
}

/** Wraps WebGPU's allocation; call it before a device is opened. */
export function countBuffers(): BufferCount {
  const sizes = new Map<GPUBuffer, number>();
  let held = 0, peak = 0;
  const { createBuffer } = GPUDevice.prototype;
  const { destroy } = GPUBuffer.prototype;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const buffer = createBuffer.call(this, descriptor);
    sizes.set(buffer, descriptor.size);
    held += descriptor.size;
    peak = Math.max(peak, held);
    return buffer;
  };
  GPUBuffer.prototype.destroy = function () {
    held -= sizes.get(this) ?? 0;
    sizes.delete(this);
    return destroy.call(this);
  };
  return {
    held: () => held,
    peak() {
      const before = peak;
      peak = held;
      return before;
    },
  };
}

/** Bytes besides the images for the reference net, and what 1,000 steps add to them. */
export async function bufferRows(device: Device, count: BufferCount): Promise<Row[]> {
  const name = "buffers besides images, reference net";
  const counted = "counted at createBuffer and destroy";
  const size = await row(
    { name: `${name}, batch ${REFERENCE.batch}`, unit: "MB", how: counted, aim: "under 100" },
    async () => {
      onWebGpu(device);
      const trainer = await openNet(device, REFERENCE);
      const bytes = count.held() - (trainer.bytes - trainer.bytesBesidesData);
      trainer.close();
      return [bytes / 1e6];
    },
  );
  const growth = {
    name: `${name}, batch ${SMALL_BATCH}: growth over ${STEPS} steps`,
    unit: "bytes",
    how: counted,
    aim: "0",
  };
  const peak = {
    name: `${name}, batch ${SMALL_BATCH}: read-backs at most`,
    unit: "bytes",
    how: counted,
  };
  try {
    const { grown, most } = await longTraining(device, count);
    return [
      size,
      await row(growth, () => Promise.resolve([grown])),
      await row(peak, () => Promise.resolve([most])),
    ];
  } catch (error) {
    return [size, failed(growth, error), failed(peak, error)];
  }
}

async function longTraining(device: Device, count: BufferCount) {
  onWebGpu(device);
  const trainer = await openNet(device, { ...REFERENCE, batch: SMALL_BATCH });
  try {
    await trainer.train(0, 1);
    const before = count.held();
    count.peak();
    for (let step = 0; step < STEPS;) {
      step = (await trainer.train(step, Math.min(step + WINDOW, STEPS))).end;
    }
    return { grown: count.held() - before, most: count.peak() - before };
  } finally {
    trainer.close();
  }
}

function onWebGpu(device: Device): void {
  if (device.info.kind === "cpu") throw new TypeError("the cpu device has no GPU buffers");
}
