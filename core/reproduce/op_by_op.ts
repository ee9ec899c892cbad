/**
 * One training step on two devices, op by op, until an op writes other bits on one than on the
 * other. A third device, of the references alone, is the judge: before each op it has the same
 * numbers as the two, so it judges that op and none before it.
 */
import type { View } from "../device/program.ts";
import { size } from "../ops/op.ts";
import { FLAT } from "../nn/net.ts";
import type { Training } from "../train/training.ts";
import { differenceOf, same, type TensorDifference } from "./elements.ts";
import type { Dispatched, Stepper } from "./stepper.ts";
import { type BoundSlice, readSlice, slicesOf, tensorsIn } from "./tensors.ts";

/** Which of the two the cpu device's references agree with. */
export type Agrees = "A" | "B" | "neither";

/** The first op that differs. */
export interface OpDifference {
  /** Name of its kernel, e.g. `conv2d+add+relu`, and where in the model it stands. */
  readonly kernel: string;
  readonly label: string;
  /** What it wrote and differs; an optimiser's moments come before the parameters. */
  readonly tensors: readonly TensorDifference[];
  /** What it only reads and differed before it ran: then these data are at fault and not the op. */
  readonly inputs: readonly TensorDifference[];
  readonly agrees: Agrees;
}

/** A training on a device that goes op by op. */
export interface Stepped {
  readonly device: Stepper;
  readonly training: Training;
}

/** Lets all three do what `begin` asks of each, and stops where A and B differ. */
export async function firstOp(
  sides: readonly [a: Stepped, b: Stepped, judge: Stepped],
  begin: (training: Training) => Promise<unknown>,
): Promise<OpDifference | undefined> {
  const done = Promise.all(sides.map(({ training }) => begin(training)));
  // It is awaited where the ops have come to their end; a failure before must wait until then.
  done.catch(() => {});
  const { flats } = sides[0].training;
  for (;;) {
    const ran = await Promise.all(sides.map(({ device }) => device.next()));
    const [a, b, judge] = ran;
    if (!a || !b || !judge) break;
    const found = await compared({ a, b, judge }, (slice, views) => (
      tensorsIn(a, slice, flats).flatMap(({ name, shape, offset }) => {
        const cut = (view: View) => view.subarray(offset, offset + size(shape));
        const [left, right, cpu] = views;
        return differenceOf(name, shape, { a: cut(left), b: cut(right), cpu: cut(cpu) }) ?? [];
      })
    ));
    if (found) return found;
  }
  await done;
  return undefined;
}

interface Three {
  readonly a: Dispatched;
  readonly b: Dispatched;
  readonly judge: Dispatched;
}

type Views = readonly [a: View, b: View, cpu: View];

async function compared(
  three: Three,
  tell: (slice: BoundSlice, views: Views) => TensorDifference[],
): Promise<OpDifference | undefined> {
  const { a, judge } = three;
  const told = (slices: readonly Read[]) =>
    slices.flatMap(({ slice, views }) => tell(slice, views));
  const written = await readAll(three, "write");
  const tensors = told(written.toSorted((x, y) => order(a, x.slice) - order(a, y.slice)));
  if (tensors.length === 0) {
    for (const { slice, views: [left] } of written) {
      judge.memory.write(judge.buffers[slice.buffer]!.name, left, slice.offset);
    }
    return undefined;
  }
  const read = (await readAll(three, "read"))
    .filter(({ views: [left, right] }) => !same(left, right));
  const asked = read.length > 0 ? read : written;
  return {
    kernel: a.step.kernel.name,
    label: a.step.label,
    tensors,
    inputs: told(read),
    agrees: asked.every(({ views: [left, , cpu] }) => same(left, cpu))
      ? "A"
      : asked.every(({ views: [, right, cpu] }) => same(right, cpu))
      ? "B"
      : "neither",
  };
}

interface Read {
  readonly slice: BoundSlice;
  readonly views: Views;
}

async function readAll({ a, b, judge }: Three, access: "read" | "write"): Promise<Read[]> {
  return await Promise.all(
    slicesOf(a, access).map(async (slice) => ({
      slice,
      views: await Promise.all(
        [readSlice(a, slice), readSlice(b, slice), readSlice(judge, slice)] as const,
      ),
    })),
  );
}

/** An optimiser computes the parameters from its moments, so these say more. */
function order({ buffers }: Dispatched, { buffer }: BoundSlice): number {
  return buffers[buffer]!.name.endsWith(FLAT.parameters) ? 1 : 0;
}
