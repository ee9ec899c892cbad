/** The phases of a convolution and its two gradients as chains of products. */
import type { Argument, Phase } from "../device/program.ts";
import {
  packed,
  packedBytes,
  packedStrides,
  product,
  type Segment,
} from "./chains.ts";
import type { Conv2dSizes } from "./conv2d_sizes.ts";

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Images as a product reads them: binding 0 as it lies, or a copy with zeros around. */
interface Images {
  readonly a: Argument;
  readonly height: number;
  readonly width: number;
  readonly phases: readonly Phase[];
  /** Bytes of scratch that the copy takes. */
  readonly bytes: number;
}

/** Moves binding 0, [batch, height, width, channels], into a frame. */
function framed(
  from: { batch: number; height: number; width: number; channels: number },
  frame: { height: number; width: number; top: number; left: number },
): Images {
  const { batch, channels } = from;
  const { height, width } = frame;
  const top = Math.min(frame.top, height), left = Math.min(frame.left, width);
  if (top === 0 && left === 0 && height <= from.height && width <= from.width) {
    return { a: { binding: 0 }, height: from.height, width: from.width, phases: [], bytes: 0 };
  }
  const bytes = batch * height * width * channels * 4;
  const copy = { scratch: 0, bytes };
  const row = channels * 4;
  const phase: Phase = {
    units: batch * height,
    work: bytes / 4,
    calls: [{
      entry: "pad",
      arguments: [
        ...[{ binding: 0 }, copy, from.height, from.width * row],
        ...[height, width * row, top, left * row],
      ],
    }],
  };
  return { a: copy, height, width, phases: [phase], bytes };
}

/** The convolution's input, padded where windows leave it. */
function input(s: Conv2dSizes): Images {
  return framed(s, {
    height: (s.out.height - 1) * s.stride + s.kernel[0],
    width: (s.out.width - 1) * s.stride + s.kernel[1],
    top: s.top,
    left: s.left,
  });
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
      rows,
      columns: filters,
      layers: [range(s.kernel[0]).map((ky) => ({ offset: ky * width * channels, length }))],
      step: 1,
      bStrides: packedStrides(size),
    }),
  ];
}

/**
 * dx from dy and the transposed weights: a row per input pixel, a segment per tap that reaches it.
 * Which taps do depends on the pixel's place modulo the stride, so each such class is a product.
 */
export function inputGradientPhases(s: Conv2dSizes): Phase[] {
  const { channels, filters, stride } = s;
  const before = (kernel: number, start: number) =>
    Math.max(0, Math.ceil((kernel - 1 - start) / stride));
  const top = before(s.kernel[0], s.top), left = before(s.kernel[1], s.left);
  const dy = framed({ batch: s.batch, ...s.out, channels: filters }, {
    height: top + Math.floor((s.height - 1 + s.top) / stride) + 1,
    width: left + Math.floor((s.width - 1 + s.left) / stride) + 1,
    top,
    left,
  });
  const packs: Phase[] = [], products: Phase[] = [];
  let scratch = dy.bytes;
  for (const y of classes(s.height, s.kernel[0], stride, s.top, top)) {
    for (const x of classes(s.width, s.kernel[1], stride, s.left, left)) {
      const taps = y.taps.flatMap((ky, i) =>
        x.taps.map((kx, j) => ({
          weights: { offset: (ky * s.kernel[1] + kx) * filters * channels, length: filters },
          dy: { offset: -(i * dy.width + j) * filters, length: filters },
        }))
      );
      const size = taps.length * filters;
      const panels = { scratch, bytes: packedBytes(size, channels) };
      scratch += panels.bytes;
      packs.push(packed({
        b: { binding: 1 },
        to: panels,
        runs: taps.map(({ weights }) => weights),
        columns: channels,
        rowStep: channels,
        columnStep: 1,
      }));
      products.push(product({
        a: dy.a,
        b: panels,
        c: { binding: 2 },
        rows: range(s.batch).flatMap((image) =>
          y.pixels.flatMap(([iy, oy]) =>
            x.pixels.map(([ix, ox]) =>
              [
                ((image * dy.height + oy) * dy.width + ox) * filters,
                ((image * s.height + iy) * s.width + ix) * channels,
              ] as const
            )
          )
        ),
        columns: channels,
        layers: [taps.map(({ dy }) => dy)],
        step: 1,
        bStrides: packedStrides(size),
      }));
    }
  }
  return [...dy.phases, ...packs, ...products];
}

/** Pixels along one axis by their place modulo the stride. */
interface Class {
  /** The taps that reach them. */
  readonly taps: readonly number[];
  /** Each with the output, in its frame, that its first tap comes from. */
  readonly pixels: readonly (readonly [number, number])[];
}

function classes(
  size: number,
  kernel: number,
  stride: number,
  start: number,
  frame: number,
): Class[] {
  return range(Math.min(stride, size)).map((first) => {
    const tap = (first + start) % stride;
    const taps = range(kernel).filter((k) => k >= tap && (k - tap) % stride === 0);
    const pixels = range(Math.ceil((size - first) / stride)).map((i) => {
      const pixel = first + i * stride;
      return [pixel, (pixel + start - tap) / stride + frame] as const;
    });
    return { taps, pixels };
  });
}

/**
 * The chunks' sums of dw from x and dy: a row per tap and channel, a layer per chunk, a segment per
 * piece of an image row; dy is operand b as it lies.
 */
export function weightGradientPhases(s: Conv2dSizes, chunk: number): Phase[] {
  const { channels, filters, stride } = s;
  const { a, height, width, phases } = input(s);
  const rows: [number, number][] = [];
  for (const ky of range(s.kernel[0])) {
    for (const kx of range(s.kernel[1])) {
      for (const c of range(channels)) {
        rows.push([(ky * width + kx) * channels + c, rows.length * filters]);
      }
    }
  }
  const pixels = s.batch * s.out.height * s.out.width;
  const layers = range(Math.ceil(pixels / chunk)).map((layer) => {
    const segments: Segment[] = [];
    const end = Math.min((layer + 1) * chunk, pixels);
    for (let pixel = layer * chunk; pixel < end;) {
      const ox = pixel % s.out.width;
      const oy = Math.floor(pixel / s.out.width);
      const image = Math.floor(oy / s.out.height);
      const y = image * height + oy % s.out.height * stride;
      const length = Math.min(s.out.width - ox, end - pixel);
      segments.push({ offset: (y * width + ox * stride) * channels, length });
      pixel += length;
    }
    return segments;
  });
  return [
    ...phases,
    product({
      a,
      b: { binding: 1 },
      c: { binding: 2 },
      rows,
      columns: filters,
      layers,
      step: stride * channels,
      bStrides: [filters, 8, chunk * filters],
    }),
  ];
}
