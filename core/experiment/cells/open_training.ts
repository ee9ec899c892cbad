/** Opens the training of a cell of any trained kind, to be trained again and compared. */
import { type BatchOrder, shuffledBatches } from "../../data/batches.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { PixelScale } from "../../data/pixels.ts";
import type { Device } from "../../device/device.ts";
import type { Training } from "../../train/training.ts";
import { openPairOn, pairOrder } from "./adversarial_cell.ts";
import type { Trained } from "../arms/arm.ts";
import { openOn, requireTrainImages, trainingImages } from "./supervised_cell.ts";

/** Which of the published training images each step of a cell sees. */
export function orderOf(arm: Trained, seed: number, published: Dataset): BatchOrder {
  if (arm.kind === "adversarial") return pairOrder(arm, seed, published);
  return shuffledBatches(seed, trainingImages(arm, seed, published).training, arm.batch);
}

/**
 * Opens a cell's training on the published images, or on others in an order of their own; a net whose
 * images are standardised is told by which numbers, where they are not all of its training images.
 *
 * @throws {DeclarationError} when there are fewer training images than the arm asks for.
 */
export function openTraining(
  device: Device,
  arm: Trained,
  seed: number,
  published: Dataset,
  order?: BatchOrder,
  pixels?: PixelScale,
): Promise<Training> {
  if (!order) requireTrainImages(arm, published);
  const seen = order ?? orderOf(arm, seed, published);
  return arm.kind === "adversarial"
    ? openPairOn(device, arm, seed, published.train, seen)
    : openOn(device, arm, seed, published, seen, { pixels });
}
