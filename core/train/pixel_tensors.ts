/**
 * The numbers by which images were standardised, as tensors beside a net's: who has the net but not
 * the images it was trained on needs them to show it others.
 */
import type { PixelMoments, Pixels, PixelScale } from "../data/pixels.ts";
import type { Checkpoint, CheckpointTensor } from "./checkpoint.ts";

const NAMES = { mean: "pixels/mean", deviation: "pixels/deviation" } as const;

/** The tensors of a scale: none where its name says all. */
export function pixelTensors(scale: PixelScale): CheckpointTensor[] {
  if (typeof scale === "string") return [];
  return (["mean", "deviation"] as const).map((part) => (
    { name: NAMES[part], shape: [scale[part].length], data: scale[part] }
  ));
}

/**
 * The scale of images that `tensors` were saved with.
 *
 * @throws {TypeError} naming the tensor when one is missing, or holds what no images have.
 */
export function savedPixels(
  tensors: Checkpoint["tensors"],
  pixels: Pixels,
  channels: number,
): PixelScale {
  if (pixels !== "standardised") return pixels;
  const take = (part: keyof PixelMoments, fits: (value: number) => boolean): Float32Array => {
    const data = tensors.get(NAMES[part])?.data;
    if (data instanceof Float32Array && data.length === channels && data.every(fits)) return data;
    throw new TypeError(
      `the images were standardised, and "${NAMES[part]}" must be f32 [${channels}], the ` +
        `${part === "mean" ? "means" : "standard deviations"} of their channels' pixels k/255`,
    );
  };
  return {
    mean: take("mean", (value) => value >= 0 && value <= 1),
    deviation: take("deviation", (value) => value > 0 && value <= 1),
  };
}
