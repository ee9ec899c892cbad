/** What batch normalisation and its gradients share: x normalised, and how its rows are divided. */
import normalisedWgsl from "../../shaders/lib/normalised.wgsl" with { type: "text" };
import rsqrtWgsl from "../../shaders/lib/rsqrt.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { flush } from "../numerics/bits.ts";
import { rsqrt } from "../numerics/rsqrt.ts";
import { linear } from "./dispatch.ts";
import type { TensorType } from "./op.ts";
import { f32 } from "./template.ts";

const { fround } = Math;

/** WGSL before a kernel that calls `normalised`. */
export const NORMALISED_WGSL = rsqrtWgsl + normalisedWgsl;

/**
 * Rows of a channel that one invocation takes, so that its numbers are loaded, and its root taken,
 * once for them; on lavapipe 8 and 32 are no better.
 */
const STRIP = 16;

/** Of one channel: x less the mean, then times the inverse deviation; twin of normalised.wgsl. */
export function normalised(x: number, mean: number, inverse: number): number {
  return flush(fround(flush(fround(x - mean)) * inverse));
}

/** Each channel's 1 / sqrt(variance + epsilon). */
export function inverses(variance: View, epsilon: number): Float32Array {
  const added = fround(epsilon);
  return Float32Array.from(variance, (value) => rsqrt(fround(value + added)));
}

/** One invocation per channel and strip of rows of x [length, channels]. */
export function strips(x: TensorType, epsilon: number) {
  const [length, channels] = x.shape as [number, number];
  const { workgroups, constants } = linear(Math.ceil(length / STRIP) * channels);
  return {
    workgroups,
    constants: {
      ...constants,
      LENGTH: length,
      CHANNELS: channels,
      STRIP,
      EPSILON: f32(epsilon),
    },
  };
}
