/** Sliding windows of convolutions, transposed ones and pooling: padding and output sizes. */
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
  window: Window,
): WindowGeometry {
  expectWhole(window);
  const { kernel, stride, padding } = window;
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

/**
 * The image that a window's transposed convolution makes of `height` x `width` pixels, one of those
 * from which {@link geometry} gives `height` x `width` back: with padding `same` `stride` times as
 * large, else the smallest with `outputPadding` pixels more at the bottom and at the right.
 *
 * @throws {ShapeError} when a size is not a positive integer, or the output padding none that the
 * window leaves open.
 */
export function transposedGeometry(
  height: number,
  width: number,
  window: Window,
  outputPadding: number,
): { readonly height: number; readonly width: number } {
  expectWhole(window);
  const { kernel, stride, padding } = window;
  const most = padding === "same" ? 0 : stride - 1;
  if (!Number.isInteger(outputPadding) || outputPadding < 0 || outputPadding > most) {
    throw new ShapeError(
      `an output padding of ${outputPadding} with stride ${stride} and padding ${padding}: ` +
        (most === 0 ? "leave it out" : `make it an integer from 0 to ${most}`),
    );
  }
  const before = typeof padding === "number" ? padding : 0;
  const [down, across] = ([[height, kernel[0]], [width, kernel[1]]] as const).map(([size, tap]) =>
    padding === "same" ? size * stride : (size - 1) * stride + tap + outputPadding - 2 * before
  ) as [number, number];
  if (down < 1 || across < 1) {
    throw new ShapeError(
      `padding ${padding} takes more away than the ${down + 2 * before}x${
        across + 2 * before
      } pixels that a kernel of ${
        kernel.join("x")
      } and stride ${stride} make of ${height}x${width}; use less padding or a larger kernel`,
    );
  }
  return { height: down, width: across };
}

function expectWhole({ kernel, stride, padding }: Window): void {
  const whole = [...kernel, stride].every((n) => Number.isInteger(n) && n > 0) &&
    (typeof padding === "string" || (Number.isInteger(padding) && padding >= 0));
  if (!whole) {
    throw new ShapeError(
      `kernel ${
        show(kernel)
      } and stride ${stride} must be positive integers, padding ${padding} "valid", "same" or an integer from 0`,
    );
  }
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
