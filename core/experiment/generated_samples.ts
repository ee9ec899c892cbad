/**
 * Pictures that an adversarial cell leaves behind: at each look a grid of generated images, always of
 * the same codes, and of the finished generator a walk between codes, and generated images above the
 * training images that they are nearest to.
 */
import { z } from "zod";
import type { Host } from "./host_interface.ts";
import { tiled } from "./picture.ts";
import { FORMAT } from "./record.ts";

/** Names of the files that a finished generator leaves besides its grids, in its cell's folder. */
export const GENERATED = {
  interpolation: "samples/interpolation.png",
  nearest: "samples/nearest.png",
  neighbours: "samples/nearest.json",
} as const;

const distances = z.array(z.number().min(0).max(255)).max(1_000);

/** `samples/nearest.json`. */
export const neighboursSchema = z.strictObject({
  format: z.literal(FORMAT),
  /**
   * How far generated images, and as many test images, are from the nearest training image: root of
   * the mean squared difference of pixels, in grey levels of 0..255.
   */
  generated: distances,
  test: distances,
});

/** See {@link neighboursSchema}. */
export type Neighbours = z.output<typeof neighboursSchema>;

type Shape = readonly [height: number, width: number, channels: number];

/** Images a side of a grid. */
const SIDE = 8;

/** The name of the grid of a step, in a cell's folder. */
export function gridName(step: number): string {
  return `samples/generated-${String(step).padStart(6, "0")}.png`;
}

/** Writes the grid of a step: the first 64 of generated images, values in 0..1. */
export async function leaveGrid(
  host: Host,
  folder: string,
  step: number,
  images: Float32Array,
  shape: Shape,
): Promise<void> {
  if (!await host.exists(`${folder}/samples`)) await host.createFolder(`${folder}/samples`);
  const first = images.subarray(0, SIDE * SIDE * shape[0] * shape[1] * shape[2]);
  await host.writeAtomic(`${folder}/${gridName(step)}`, tiled(asBytes(first, shape), shape, SIDE));
}

/** Images, values in 0..1, as bytes: one list an image. */
export function asBytes(images: Float32Array, shape: Shape): Uint8Array[] {
  const length = shape[0] * shape[1] * shape[2];
  return Array.from(
    { length: images.length / length },
    (_, i) =>
      Uint8Array.from(
        images.subarray(i * length, (i + 1) * length),
        (value) => Math.max(0, Math.min(255, Math.floor(value * 255 + 0.5))),
      ),
  );
}
