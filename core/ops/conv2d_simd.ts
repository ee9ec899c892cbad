/** The phases of a convolution and its two gradients as chains of products. */
import type { Argument, Phase } from "../device/program.ts";
import {
  type Group,
  packed,
  packedBytes,
  packedRow,
  packedStrides,
  product,
  type Segment,
} from "./chains.ts";
import type { Conv2dSizes } from "./conv2d_sizes.ts";

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** The input as a product reads it: as it lies, or a copy with zeros around. */
interface Images {
  readonly a: Argument;
  readonly height: number;
  readonly width: number;
  readonly phases: readonly Phase[];
  /** Bytes of scratch that the copy takes. */
  readonly bytes: number;
}

/** Binding 0 as the input of windows none of which leaves it. */
function input(s: Conv2dSizes): Images {
  const { batch, channels } = s;
  if (!s.padded) {
    return { a: { binding: 0 }, height: s.height, width: s.width, phases: [], bytes: 0 };
  }
  const height = (s.out.height - 1) * s.stride + s.kernel[0];
  const width = (s.out.width - 1) * s.stride + s.kernel[1];
  const bytes = batch * height * width * channels * 4;
  const copy = { scratch: 0, bytes };
  const row = channels * 4;
  const phase: Phase = {
    units: batch * height,
    work: bytes / 4,
    calls: [{
      entry: "pad",
      arguments: [
        ...[{ binding: 0 }, copy, s.height, s.width * row],
        ...[height, width * row, Math.min(s.top, height), Math.min(s.left, width) * row],
      ],
    }],
  };
  return { a: copy, height, width, phases: [phase], bytes };
}

/** y from x and the weights: a row per output pixel, a segment per kernel row. */
export function forwardPhases(s: Conv2dSizes): Phase[] {
  const { channels, filters, stride } = s;
  const { a, height, width, phases, bytes } = input(s);
  const length = s.kernel[1] * channels;
  const size = s.kernel[0] * length;
  const panels = { scratch: bytes, bytes: packedBytes(size, filters) };
  const rows: [number, number][] = [];
  for (const image of range(s.batch)) {
    for (const oy of range(s.out.height)) {
      for (const ox of range(s.out.width)) {
        const pixel = (image * height + oy * stride) * width + ox * stride;
        rows.push([pixel * channels, rows.length * filters]);
      }
    }
  }
  return [
    ...phases,
    packed({
      b: { binding: 1 },
      to: panels,
      runs: [{ offset: 0, length: size }],
      columns: filters,
      rowStep: filters,
      columnStep: 1,
    }),
    product({
      a,
      b: panels,
      c: { binding: 2 },
      columns: filters,
      groups: [{
        rows,
        segments: range(s.kernel[0]).map((ky) => ({ offset: ky * width * channels, length })),
        b: 0,
      }],
      step: 1,
      bStrides: packedStrides(size),
      inOrder: true,
    }),
  ];
}

/**
 * dx from dy and the transposed weights: a row per input pixel, a segment per tap that reaches it.
 * Pixels that the same taps reach are a group, with those taps' weights as its b.
 */
export function inputGradientPhases(s: Conv2dSizes): Phase[] {
  const { channels, filters } = s;
  const runs: Segment[] = [];
  const groups: Group[] = [];
  for (const y of reached(s.height, s.kernel[0], s.stride, s.top, s.out.height)) {
    for (const x of reached(s.width, s.kernel[1], s.stride, s.left, s.out.width)) {
      const rows: [number, number][] = [];
      for (const image of range(s.batch)) {
        for (const [iy, oy] of y.pixels) {
          for (const [ix, ox] of x.pixels) {
            rows.push([
              ((image * s.out.height + oy) * s.out.width + ox) * filters,
              ((image * s.height + iy) * s.width + ix) * channels,
            ]);
          }
        }
      }
      const segments = y.taps.flatMap((_, i) =>
        x.taps.map((_, j) => ({ offset: -(i * s.out.width + j) * filters, length: filters }))
      );
      groups.push({ rows, segments, b: packedRow(runs.length * filters) });
      for (const ky of y.taps) {
        for (const kx of x.taps) {
          runs.push({ offset: (ky * s.kernel[1] + kx) * filters * channels, length: filters });
        }
      }
    }
  }
  const size = runs.length * filters;
  const panels = { scratch: 0, bytes: packedBytes(size, channels) };
  return [
    packed({
      b: { binding: 1 },
      to: panels,
      runs,
      columns: channels,
      rowStep: channels,
      columnStep: 1,
    }),
    product({
      a: { binding: 0 },
      b: panels,
      c: { binding: 2 },
      columns: channels,
      groups,
      step: 1,
      bStrides: packedStrides(size),
      inOrder: false,
    }),
  ];
}

/** Pixels along one axis that the same taps reach. */
interface Reached {
  readonly taps: readonly number[];
  /** Each with the output to which the first tap belongs. */
  readonly pixels: [number, number][];
}

function reached(
  size: number,
  kernel: number,
  stride: number,
  start: number,
  outputs: number,
): Reached[] {
  const found = new Map<string, Reached>();
  for (const pixel of range(size)) {
    const output = (tap: number) => (pixel + start - tap) / stride;
    const taps = range(kernel).filter((tap) =>
      Number.isInteger(output(tap)) && output(tap) >= 0 && output(tap) < outputs
    );
    const key = taps.join();
    if (!found.has(key)) found.set(key, { taps, pixels: [] });
    found.get(key)!.pixels.push([pixel, taps.length ? output(taps[0]!) : 0]);
  }
  return [...found.values()];
}

/**
 * The chunks' sums of dw from x and dy: a row per tap and channel, a group per chunk, a segment per
 * piece of an image row; dy is operand b as it lies.
 */
export function weightGradientPhases(s: Conv2dSizes, chunk: number): Phase[] {
  const { channels, filters, stride } = s;
  const { a, height, width, phases } = input(s);
  const taps = range(s.kernel[0]).flatMap((ky) =>
    range(s.kernel[1]).flatMap((kx) => range(channels).map((c) => (ky * width + kx) * channels + c))
  );
  const pixels = s.batch * s.out.height * s.out.width;
  const groups = range(Math.ceil(pixels / chunk)).map((index) => {
    const segments: Segment[] = [];
    const end = Math.min((index + 1) * chunk, pixels);
    for (let pixel = index * chunk; pixel < end;) {
      const ox = pixel % s.out.width;
      const oy = Math.floor(pixel / s.out.width);
      const image = Math.floor(oy / s.out.height);
      const y = image * height + oy % s.out.height * stride;
      const length = Math.min(s.out.width - ox, end - pixel);
      segments.push({ offset: (y * width + ox * stride) * channels, length });
      pixel += length;
    }
    const rows = taps.map((tap, i) => [tap, (index * taps.length + i) * filters] as const);
    return { rows, segments, b: index * chunk * filters };
  });
  return [
    ...phases,
    product({
      a,
      b: { binding: 1 },
      c: { binding: 2 },
      columns: filters,
      groups,
      step: stride * channels,
      bStrides: [filters, 8],
      inOrder: true,
    }),
  ];
}
