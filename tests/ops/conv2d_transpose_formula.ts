/** A transposed convolution as the plain list of its products. */
import fc from "fast-check";
import type { Padding } from "../../core/ops/window.ts";
import type { Product } from "./conv2d_formula.ts";

/** The sizes of one transposed convolution. */
export interface Transposed {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly channels: number;
  readonly filters: number;
  readonly stride: number;
  readonly padding: Padding;
  readonly outputPadding: number;
}

/** The shapes of input, weights and output. */
export function shapes(t: Transposed) {
  return {
    x: [t.batch, t.height, t.width, t.channels],
    weights: [t.kernelHeight, t.kernelWidth, t.channels, t.filters],
    y: [
      t.batch,
      along(t.height, t.kernelHeight, t).size,
      along(t.width, t.kernelWidth, t).size,
      t.filters,
    ],
  };
}

/** All products in order of kernel row, kernel column, channel, filter, input pixel. */
export function products(t: Transposed): Product[] {
  const vertical = along(t.height, t.kernelHeight, t);
  const horizontal = along(t.width, t.kernelWidth, t);
  const list: Product[] = [];
  for (let weight = 0; weight < t.kernelHeight * t.kernelWidth * t.channels * t.filters; weight++) {
    const filter = weight % t.filters;
    const channel = Math.floor(weight / t.filters) % t.channels;
    const tap = Math.floor(weight / t.filters / t.channels);
    for (let pixel = 0; pixel < t.batch * t.height * t.width; pixel++) {
      const row = Math.floor(pixel / t.width) % t.height;
      const oy = row * t.stride + Math.floor(tap / t.kernelWidth) - vertical.before;
      const ox = pixel % t.width * t.stride + tap % t.kernelWidth - horizontal.before;
      if (oy < 0 || oy >= vertical.size || ox < 0 || ox >= horizontal.size) continue;
      const image = Math.floor(pixel / t.width / t.height);
      const to = (image * vertical.size + oy) * horizontal.size + ox;
      list.push([to * t.filters + filter, pixel * t.channels + channel, weight]);
    }
  }
  return list;
}

/** Random transposed convolutions of at most `work` products. */
export function transposedConvolutions(work: number): fc.Arbitrary<Transposed> {
  const edge = fc.integer({ min: 1, max: 6 });
  const kernel = fc.integer({ min: 1, max: 5 });
  const depth = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(12, 16, 68));
  return fc.record({
    batch: fc.integer({ min: 1, max: 3 }),
    height: edge,
    width: edge,
    kernelHeight: kernel,
    kernelWidth: kernel,
    channels: depth,
    filters: depth,
    stride: fc.integer({ min: 1, max: 4 }),
    padding: fc.constantFrom<Padding>("valid", "same", 0, 1, 2),
    outputPadding: fc.integer({ min: 0, max: 3 }),
  }).filter((t) => {
    const [, height, width] = shapes(t).y as [number, number, number, number];
    return height > 0 && width > 0 &&
      t.outputPadding < (t.padding === "same" ? 1 : t.stride) &&
      t.batch * t.height * t.width * t.kernelHeight * t.kernelWidth * t.channels * t.filters <=
        work;
  });
}

function along(input: number, kernel: number, { stride, padding, outputPadding }: Transposed) {
  if (padding === "same") {
    return { size: input * stride, before: Math.max(0, kernel - stride) >> 1 };
  }
  const before = padding === "valid" ? 0 : padding;
  return { size: (input - 1) * stride + kernel + outputPadding - 2 * before, before };
}
