/**
 * Training images that somebody has spoilt: copies of some of them under wrong labels, or wrong labels
 * in the place of their own. Which images, labels and noise comes from the stream "poison" of a seed,
 * image by image, so a larger share holds all that a smaller one does. Nothing but training images is
 * touched: those that validate and test stay as they were published.
 */
import { z } from "zod";
import { permutation, stream } from "../random/streams.ts";
import { chosenImages, type Images, joinedImages } from "./dataset.ts";
import { Draws } from "./draws.ts";

/** A share of the training images of a cell; 0.1 of 5,000 are 500. */
const share = z.number().min(0).max(1);

/** The schema of a poison. */
export const poisonSchema = z.discriminatedUnion("how", [
  /**
   * So many images more: each a copy of a random one with noise, a whole number from -levels to levels
   * added to each byte and the sum cut to 0..255, under a label that is any of the others.
   */
  z.strictObject({
    how: z.literal("near-copies"),
    share,
    levels: z.int().min(1).max(255).default(16),
  }),
  /** So many images get a label that is any of the others. */
  z.strictObject({ how: z.literal("flipped labels"), share }),
]);

/** A poison. */
export type Poison = z.output<typeof poisonSchema>;

/** Images among which some are trained on. */
export interface TrainingImages {
  readonly images: Images;
  /** Which of them. */
  readonly training: Uint32Array;
}

/** How many images a poison adds to `count` training images. */
export function addedImages(poison: Poison, count: number): number {
  return poison.how === "near-copies" ? poisonedImages(poison, count) : 0;
}

function poisonedImages({ share }: Poison, count: number): number {
  return Math.round(share * count);
}

/**
 * The images after a poison: copies stand behind all others, so an index means the same image as
 * before. What is given stays as it is.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { poisoned } from "./poison.ts";
 *
 * const images = { pixels: Uint8Array.of(10, 20, 30), labels: Uint8Array.of(0, 1, 2), count: 3 };
 * const clean = { images, training: Uint32Array.of(0, 2) };
 * const flipped = poisoned(clean, { how: "flipped labels", share: 0.5 }, { seed: 7, classes: 3 });
 * assert.deepEqual(flipped.training, clean.training);
 * assert.equal(flipped.images.labels.filter((label, i) => label !== images.labels[i]).length, 1);
 * ```
 */
export function poisoned(
  { images, training }: TrainingImages,
  poison: Poison,
  { seed, classes }: { readonly seed: number; readonly classes: number },
): TrainingImages {
  const source = stream(seed, "poison");
  const count = poisonedImages(poison, training.length);
  const wrong = (label: number, draws: Draws) => (label + 1 + draws.below(classes - 1)) % classes;
  if (poison.how === "flipped labels") {
    const labels = images.labels.slice();
    permutation(source, 0, training.length).subarray(0, count).forEach((place, i) => {
      const index = training[place]!;
      labels[index] = wrong(labels[index]!, new Draws(source, i + 1));
    });
    return { images: { ...images, labels }, training };
  }
  const each = Array.from({ length: count }, (_, i) => new Draws(source, i));
  const originals = Uint32Array.from(each, (draws) => training[draws.below(training.length)]!);
  const copies = chosenImages(images, originals);
  const bytes = images.pixels.length / images.count;
  each.forEach((draws, i) => {
    copies.labels[i] = wrong(copies.labels[i]!, draws);
    for (let at = i * bytes; at < (i + 1) * bytes; at++) {
      const noise = draws.below(2 * poison.levels + 1) - poison.levels;
      copies.pixels[at] = Math.min(255, Math.max(0, copies.pixels[at]! + noise));
    }
  });
  const added = Uint32Array.from({ length: count }, (_, i) => images.count + i);
  return {
    images: joinedImages(images, copies),
    training: new Uint32Array([...training, ...added]),
  };
}
