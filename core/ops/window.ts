/** Sliding windows of convolutions and pooling: padding and output sizes. */
import { ShapeError, show } from "./op.ts";

/** `valid`: none; `same`: output size is ceil(input / stride), the odd pixel at the end; or pixels on every side. */
export type Padding = "valid" | "same" | number;

/** A window over one NHWC image axis pair. */
export interface Window {
  readonly kernel: readonly [number, number];
  readonly stride: number;
  readonly padding: Padding;
}

/** What a window does to an image: output size and the pixels of padding before the first. */
export interface WindowGeometry {
  readonly height: number;
  readonly width: number;
  readonly top: number;
  readonly left: number;
}

/**
 * The geometry of a window over an image of `height` x `width` pixels.
 *
 * @throws {ShapeError} when the kernel is larger than the padded input, or a size is not a positive
 * integer.
 */
export function geometry(
  height: number,
  width: number,
  { kernel, stride, padding }: Window,
): WindowGeometry {
  const whole = [...kernel, stride].every((n) => Number.isInteger(n) && n > 0) &&
    (typeof padding === "string" || (Number.isInteger(padding) && padding >= 0));
  if (!whole) {
    throw new ShapeError(
      `kernel ${
        show(kernel)
      } and stride ${stride} must be positive integers, padding ${padding} "valid", "same" or an integer from 0`,
    );
  }
  const [vertical, horizontal] = [
    axis(height, kernel[0], stride, padding),
    axis(width, kernel[1], stride, padding),
  ];
  if (vertical.size < 1 || horizontal.size < 1) {
    throw new ShapeError(
      `a kernel of ${
        kernel.join("x")
      } is larger than its padded input of ${height}x${width} (padding ${padding}); ` +
        `use a smaller kernel, or more padding where the layer has it`,
    );
  }
  return {
    height: vertical.size,
    width: horizontal.size,
    top: vertical.before,
    left: horizontal.before,
  };
}

function axis(input: number, kernel: number, stride: number, padding: Padding) {
  if (padding === "same") {
    const size = Math.ceil(input / stride);
    const total = Math.max(0, (size - 1) * stride + kernel - input);
    return { size, before: Math.floor(total / 2) };
  }
  const before = padding === "valid" ? 0 : padding;
  return { size: Math.floor((input + 2 * before - kernel) / stride) + 1, before };
}
