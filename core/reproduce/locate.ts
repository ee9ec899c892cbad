/** Finds the first step, and in it the first op, in which two devices differ as they train a cell. */
import type { Dataset } from "../data/dataset.ts";
import type { Device } from "../device/device.ts";
import type { Trained } from "../experiment/arms/arm.ts";
import { openTraining } from "../experiment/cells/open_training.ts";
import type { Training } from "../train/training.ts";
import type { TensorDifference } from "./elements.ts";
import { lockstep, type Met, type Stretch, takeUp } from "./lockstep.ts";
import { firstOp, type OpDifference } from "./op_by_op.ts";
import { openStepper } from "./stepper.ts";

/** A net to train. */
export interface TrainedCell {
  readonly arm: Trained;
  readonly seed: number;
  readonly data: Dataset;
}

/** The first difference. */
export interface Found {
  /** Counted from 1; 0 is the drawing of the parameters. */
  readonly step: number;
  /** What differs after that step. */
  readonly after: readonly TensorDifference[];
  /** Left out where no op differs when each runs by itself. */
  readonly op?: OpDifference;
}

/** Looks for the first difference of two devices between two steps; `told` of each step. */
export async function locate(
  cell: TrainedCell,
  [a, b]: readonly [Device, Device],
  references: Device,
  stretch: Stretch,
  told: (what: string) => void,
): Promise<Found | undefined> {
  const met = await together(
    [a, b],
    cell,
    ([a, b]) => lockstep(a!, b!, stretch, (step) => told(`both: step ${step} of ${stretch.to}`)),
  );
  if (!met) return undefined;
  told(`step ${met.step}, op by op`);
  const op = await opOf(cell, [a, b, references], met);
  return { step: met.step, after: met.tensors, ...(op && { op }) };
}

/** Puts all back to what was before the step and runs it op by op. */
function opOf(
  cell: TrainedCell,
  devices: readonly [Device, Device, Device],
  { step, before }: Met,
): Promise<OpDifference | undefined> {
  const steppers = devices.map(openStepper);
  return together(steppers, cell, (trainings) => {
    const [a, b, judge] = trainings.map((training, i) => ({ device: steppers[i]!, training }));
    return firstOp([a!, b!, judge!], (training) => {
      if (before) {
        takeUp(training, before);
        return training.train(step - 1, step);
      }
      training.initialise();
      return training.weights();
    });
  });
}

/** Opens the cell on every device and closes it after the work. */
async function together<T>(
  devices: readonly Device[],
  { arm, seed, data }: TrainedCell,
  work: (trainings: readonly Training[]) => Promise<T>,
): Promise<T> {
  const trainings: Training[] = [];
  try {
    for (const device of devices) {
      trainings.push(await openTraining(device, arm, seed, data));
    }
    return await work(trainings);
  } finally {
    for (const training of trainings) training.close();
  }
}
