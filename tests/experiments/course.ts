/** The first training steps of an arm, told step by step. */
import type { Dataset } from "../../core/data/dataset.ts";
import type { Device } from "../../core/device/device.ts";
import type { Trained } from "../../core/experiment/arms/arm.ts";
import { openTraining } from "../../core/experiment/cells/open_training.ts";
import { digestOfFloats } from "../../core/numerics/digest.ts";
import type { WindowResult } from "../../core/train/training.ts";

/** What a step came to; the digest is that of the weights after it. */
export interface StepRecord extends Pick<WindowResult, "losses" | "largestGradients"> {
  readonly weights: string;
}

/** Trains an arm with seed 0: the weights as drawn, and what each step came to. */
export async function course(
  device: Device,
  arm: Trained,
  data: Dataset,
  steps: number,
): Promise<{ readonly drawn: string; readonly after: readonly StepRecord[] }> {
  const training = await openTraining(device, arm, 0, data);
  try {
    training.initialise();
    const weights = async () => await digestOfFloats(await training.weights());
    const drawn = await weights();
    const after: StepRecord[] = [];
    for (let step = 0; step < steps; step++) {
      const { losses, largestGradients } = await training.train(step, step + 1);
      after.push({ losses, largestGradients, weights: await weights() });
    }
    return { drawn, after };
  } finally {
    training.close();
  }
}
