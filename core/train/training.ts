/** What every kind of training has: the loop, checkpoints and comparisons ask no more of it. */
import type { StepTime } from "../device/device.ts";
import type { CheckpointTensor } from "./checkpoint.ts";
import type { Flat } from "./net_state.ts";

/** What a window of training steps measured, step by step. */
export interface WindowResult {
  /** The step after the last one of the window. */
  readonly end: number;
  /** Of each step's batch, by what is trained: `train`, or each net of a pair. In nats. */
  readonly losses: Readonly<Record<string, readonly number[]>>;
  /** Magnitude of each step's largest gradient. */
  readonly largestGradients: readonly number[];
}

/** Nets being trained on a device. */
export interface Training {
  readonly stepsPerEpoch: number;
  /** The flat buffers of all nets. */
  readonly flats: readonly Flat[];
  /** Bytes of all device buffers. */
  readonly bytes: number;
  /** Bytes of all device buffers but the images. */
  readonly bytesBesidesData: number;
  /** Draws the parameters from the streams of the seed. */
  initialise(): void;
  /** Queues steps `from` to `to - 1`, at most a window of them; resolves when they have run. */
  train(from: number, to: number): Promise<WindowResult>;
  /** All parameters and running statistics in order of declaration, without padding. */
  weights(): Promise<Float32Array<ArrayBuffer>>;
  /** The parameters alone, which learn by a gradient. */
  parameters(): Promise<Float32Array<ArrayBuffer>>;
  /** Everything that a resume needs, and who shows the nets other images. */
  state(): Promise<CheckpointTensor[]>;
  /**
   * Takes up a saved state.
   *
   * @throws {TypeError} naming the tensor when one is missing or has another shape.
   */
  restore(tensors: ReadonlyMap<string, Omit<CheckpointTensor, "name">>): void;
  /** Times each dispatch of one training step on the device; the state moves on by one step. */
  profile(): Promise<StepTime[]>;
  /** Frees the device buffers. */
  close(): void;
}
