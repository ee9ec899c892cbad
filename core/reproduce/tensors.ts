/** What lies in the slices of a dispatch: names and shapes for people. */
import type { Slice, View } from "../device/program.ts";
import { type Shape, size } from "../ops/op.ts";
import type { Flat } from "../train/net_state.ts";
import type { Dispatched } from "./stepper.ts";

/** A tensor, or the part of one, that lies in a slice. */
export interface Tensor {
  readonly name: string;
  readonly shape: Shape;
  /** Elements from the start of the slice. */
  readonly offset: number;
}

/** Slices of a dispatch that it writes, or those that it only reads. */
export function slicesOf({ step }: Dispatched, access: "read" | "write"): BoundSlice[] {
  return step.slices
    .map((slice, i) => ({ ...slice, ...step.kernel.bindings[i]! }))
    .filter((slice) => slice.access === access);
}

/** A slice with what its binding says of it. */
export type BoundSlice = Slice & Dispatched["step"]["kernel"]["bindings"][number];

/** The numbers that lie in a slice, as the kernel that it is bound to takes them. */
export async function readSlice(
  { buffers, memory }: Dispatched,
  { buffer, offset, length, type }: BoundSlice,
): Promise<View> {
  const view = await memory.read(buffers[buffer]!.name, offset, length);
  const place = [view.buffer, view.byteOffset, view.length] as const;
  return type === "u32" ? new Uint32Array(...place) : new Float32Array(...place);
}

/**
 * The tensors in a slice: of a flat buffer each parameter's, by the name that a checkpoint gives it;
 * of any other state the state itself; of scratch memory what the dispatch computes, by its label.
 */
export function tensorsIn(
  { step, buffers }: Dispatched,
  { buffer, offset, length, shape = [length] }: Slice,
  flats: readonly Flat[],
): Tensor[] {
  const { kind, name } = buffers[buffer]!;
  if (kind === "slot") return [{ name: step.label, shape, offset: 0 }];
  const flat = flats.find(({ buffer }) => buffer === name);
  if (!flat) return [{ name, shape, offset: 0 }];
  return flat.layout.list
    .filter((tensor) => tensor.offset >= offset && tensor.offset < offset + length)
    .map((tensor) => ({
      name: flat.prefix + tensor.name,
      shape: tensor.shape,
      offset: tensor.offset - offset,
    }))
    .filter((tensor) => tensor.offset + size(tensor.shape) <= length);
}
