/** The first training steps of an arm, told step by step. */
import type { Dataset } from "../../core/data/dataset.ts";
import type { Device } from "../../core/device/device.ts";
import type { Supervised } from "../../core/experiment/arm.ts";
import { openCell } from "../../core/experiment/supervised_cell.ts";
import { digestOfFloats } from "../../core/numerics/digest.ts";

/** What a step came to; the digest is that of the weights after it. */
export interface StepRecord {
  readonly losses: readonly number[];
  readonly largestGradients: readonly number[];
  readonly weights: string;
}

/** Trains an arm with seed 0: the weights as drawn, and what each step came to. */
export async function course(
  device: Device,
  arm: Supervised,
  data: Dataset,
  steps: number,
): Promise<{ readonly drawn: string; readonly after: readonly StepRecord[] }> {
  const { trainer } = await openCell(device, arm, 0, data);
  try {
    trainer.initialise();
    const weights = async () => await digestOfFloats(await trainer.weights());
    const drawn = await weights();
    const after: StepRecord[] = [];
    for (let step = 0; step < steps; step++) {
      const { losses, largestGradients } = await trainer.train(step, step + 1);
      after.push({ losses, largestGradients, weights: await weights() });
    }
    return { drawn, after };
  } finally {
    trainer.close();
  }
}
