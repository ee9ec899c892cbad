/** The sizes that a convolution and its two gradients share. */
import { expectRank, ShapeError, show, type TensorType } from "./op.ts";
import { geometry, type Padding } from "./window.ts";

/** How the window moves. */
export interface Conv2dAttributes {
  /** Pixels between neighbouring windows, in both directions. */
  readonly stride: number;
  readonly padding: Padding;
}

/** All sizes of a convolution, from its two operands. */
export interface Conv2dSizes {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly kernel: readonly [number, number];
  readonly filters: number;
  readonly stride: number;
  readonly out: { readonly height: number; readonly width: number };
  /** Pixels of padding above and to the left. */
  readonly top: number;
  readonly left: number;
  /** Whether any tap of any window falls outside the image. */
  readonly padded: boolean;
}

/**
 * The sizes of a convolution of `x` with `weights`.
 *
 * @throws {ShapeError} when channels differ or the kernel is larger than the padded input.
 */
export function conv2dSizes(
  x: TensorType,
  weights: TensorType,
  { stride, padding }: Conv2dAttributes,
): Conv2dSizes {
  expectRank("the input", x, 4);
  expectRank("the weights", weights, 4);
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const [kh, kw, inner, filters] = weights.shape as [number, number, number, number];
  if (inner !== channels) {
    throw new ShapeError(
      `the input ${show(x.shape)} has ${channels} channels, the weights ${
        show(weights.shape)
      } expect ${inner}; make them [${kh}, ${kw}, ${channels}, ${filters}]`,
    );
  }
  const out = geometry(height, width, { kernel: [kh, kw], stride, padding });
  const { top, left } = out;
  const padded = top > 0 || left > 0 || (out.height - 1) * stride + kh > height ||
    (out.width - 1) * stride + kw > width;
  return {
    batch,
    height,
    width,
    channels,
    kernel: [kh, kw],
    filters,
    stride,
    out: { height: out.height, width: out.width },
    top,
    left,
    padded,
  };
}

/** The constants that the three convolution kernels share. */
export function conv2dConstants(s: Conv2dSizes): Record<string, number | string> {
  return {
    IN_H: s.height,
    IN_W: s.width,
    OUT_H: s.out.height,
    OUT_W: s.out.width,
    CHANNELS: s.channels,
    KERNEL_H: s.kernel[0],
    KERNEL_W: s.kernel[1],
    STRIDE: s.stride,
    TOP: s.top,
    LEFT: s.left,
    PADDED: String(s.padded),
  };
}
