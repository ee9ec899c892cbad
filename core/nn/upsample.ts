/** Nearest-neighbour upsampling. */
import { z } from "zod";
import { upsample as upsampleOp } from "../ops/upsample.ts";
import type { LayerKind } from "./layer.ts";

const schema = z.strictObject({
  layer: z.literal("upsample"),
  factor: z.number().int().min(1),
});

/** A declared upsampling. */
export type Upsample = z.infer<typeof schema>;

/** The layer `upsample`; it has no parameters. */
export const upsampleLayer: LayerKind<Upsample> = {
  schema,
  apply: (_net, x, { factor }) => upsampleOp(x, { factor }),
};

/**
 * Declares images `factor` times as high and as wide, each pixel a block of its own colour.
 *
 * @example
 * ```ts
 * import { upsample } from "./upsample.ts";
 * console.assert(upsample({ factor: 2 }).factor === 2);
 * ```
 */
export function upsample(config: Omit<Upsample, "layer">): Upsample {
  return { layer: "upsample", ...config };
}
