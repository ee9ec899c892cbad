/** Opens the training of a cell of any trained kind, to be trained again and compared. */
import type { Dataset } from "../../data/dataset.ts";
import type { Device } from "../../device/device.ts";
import type { Training } from "../../train/training.ts";
import type { Trained } from "../arms/arm.ts";
import { openPairOn, pairOrder } from "./adversarial_cell.ts";
import {
  openOn,
  requireTrainImages,
  type Shown,
  shownTo,
  trainingImages,
} from "./supervised_cell.ts";

/** What the nets of a cell are shown of the published data. */
export function shownIn(arm: Trained, seed: number, published: Dataset): Shown {
  if (arm.kind === "supervised") return shownTo(arm, seed, trainingImages(arm, seed, published));
  // A pair brings its images to its generator's range itself.
  return { data: published, order: pairOrder(arm, seed, published), pixels: "unit" };
}

/**
 * Opens a cell's training on the published images.
 *
 * @throws {DeclarationError} when there are fewer training images than the arm asks for.
 */
export function openTraining(
  device: Device,
  arm: Trained,
  seed: number,
  published: Dataset,
): Promise<Training> {
  requireTrainImages(arm, published);
  return openShown(device, arm, seed, shownIn(arm, seed, published));
}

/** Opens a cell's training on what its nets are to be shown, whatever images were published. */
export function openShown(
  device: Device,
  arm: Trained,
  seed: number,
  shown: Shown,
): Promise<Training> {
  return arm.kind === "supervised"
    ? openOn(device, arm, seed, shown)
    : openPairOn(device, arm, seed, shown.data.train, shown.order);
}
