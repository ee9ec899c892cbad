/** Two devices train one cell in lockstep, and after every step their whole states are compared. */
import type { CheckpointTensor } from "../train/checkpoint.ts";
import type { Training } from "../train/training.ts";
import { differenceOf, type TensorDifference } from "./elements.ts";

/** Parameters and moments between two steps. */
export type TrainingState = readonly CheckpointTensor[];

/** The first step after which two devices differ. */
export interface Met {
  /** Counted from 1; 0 is the drawing of the parameters. */
  readonly step: number;
  /** What both had before it; none before the parameters are drawn. */
  readonly before?: TrainingState;
  readonly tensors: readonly TensorDifference[];
}

/** Steps to train, and where from. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** The state at `from`; left out, both draw their parameters. */
  readonly start?: TrainingState | undefined;
}

/** Trains both step by step and stops at the first difference; `undefined` where there is none. */
export async function lockstep(
  a: Training,
  b: Training,
  { from, to, start }: Stretch,
  stepping: (step: number) => void,
): Promise<Met | undefined> {
  let before = start;
  if (before === undefined) {
    a.initialise();
    b.initialise();
    const [left, right] = await Promise.all([a.state(), b.state()]);
    const tensors = differences(left, right);
    if (tensors.length > 0) return { step: 0, tensors };
    before = left;
  } else {
    takeUp(a, before);
    takeUp(b, before);
  }
  for (let step = from; step < to; step++) {
    const [left, right] = await Promise.all([after(a, step), after(b, step)]);
    const tensors = differences(left, right);
    if (tensors.length > 0) return { step: step + 1, before, tensors };
    before = left.filter(({ name }) => !name.startsWith(MEASURED));
    stepping(step + 1);
  }
  return undefined;
}

/** Gives a trainer a state. */
export function takeUp(training: Training, state: TrainingState): void {
  training.restore(new Map(state.map(({ name, ...tensor }) => [name, tensor])));
}

/** Begins the names of what a step measures, besides the state that it leaves. */
const MEASURED = "measured: ";

async function after(training: Training, step: number): Promise<TrainingState> {
  const { losses, largestGradients } = await training.train(step, step + 1);
  const all = { ...losses, "largest gradient": largestGradients };
  const measured = Object.entries(all).map(([name, values]) => (
    { name: MEASURED + name, shape: [], data: Float32Array.from(values) }
  ));
  return [...await training.state(), ...measured];
}

function differences(a: TrainingState, b: TrainingState): TensorDifference[] {
  return a.flatMap(({ name, shape, data }, i) =>
    differenceOf(name, shape, { a: data, b: b[i]!.data }) ?? []
  );
}
