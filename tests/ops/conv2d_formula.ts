/** A convolution as the plain list of its products, for all three kernels. */
import fc from "fast-check";
import type { Padding } from "../../core/ops/window.ts";
import type { Products } from "./harness.ts";

/** The sizes of one convolution. */
export interface Convolution {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly channels: number;
  readonly filters: number;
  readonly stride: number;
  readonly padding: Padding;
}

/** The shapes of input, weights and output. */
export function shapes(c: Convolution) {
  const [vertical, horizontal] = placement(c);
  return {
    x: [c.batch, c.height, c.width, c.channels],
    weights: [c.kernelHeight, c.kernelWidth, c.channels, c.filters],
    y: [c.batch, vertical.size, horizontal.size, c.filters],
  };
}

/** What one product belongs to: indices into output, input and weights. */
export type Product = readonly [y: number, x: number, weight: number];

/** All products in order of output pixel, kernel row, kernel column, channel, filter; none on padding. */
export function products(c: Convolution): Product[] {
  const [vertical, horizontal] = placement(c);
  const list: Product[] = [];
  for (let image = 0; image < c.batch; image++) {
    for (let oy = 0; oy < vertical.size; oy++) {
      for (let ox = 0; ox < horizontal.size; ox++) {
        const pixel = (image * vertical.size + oy) * horizontal.size + ox;
        for (let ky = 0; ky < c.kernelHeight; ky++) {
          for (let kx = 0; kx < c.kernelWidth; kx++) {
            const iy = oy * c.stride + ky - vertical.before;
            const ix = ox * c.stride + kx - horizontal.before;
            if (iy < 0 || iy >= c.height || ix < 0 || ix >= c.width) continue;
            for (let channel = 0; channel < c.channels; channel++) {
              const x = ((image * c.height + iy) * c.width + ix) * c.channels + channel;
              const tap = (ky * c.kernelWidth + kx) * c.channels + channel;
              for (let f = 0; f < c.filters; f++) {
                list.push([pixel * c.filters + f, x, tap * c.filters + f]);
              }
            }
          }
        }
      }
    }
  }
  return list;
}

/** The factors of each element of one of the three tensors, `of` being its place in a product. */
export function grouped(
  list: readonly Product[],
  of: 0 | 1 | 2,
  [left, right]: readonly [0 | 1 | 2, 0 | 1 | 2],
  data: readonly [ArrayLike<number>, ArrayLike<number>],
  length: number,
): Products[] {
  const groups: [number, number][][] = Array.from({ length }, () => []);
  for (const product of list) {
    groups[product[of]]!.push([data[0][product[left]]!, data[1][product[right]]!]);
  }
  return groups;
}

/** The convolution in f64. */
export function formula(
  list: readonly Product[],
  length: number,
): (inputs: readonly (readonly number[])[]) => number[] {
  return ([x, weights]) => {
    const y = new Array<number>(length).fill(0);
    for (const [to, from, weight] of list) y[to]! += x![from]! * weights![weight]!;
    return y;
  };
}

/** Random convolutions of at most `work` products. */
export function convolutions(work: number): fc.Arbitrary<Convolution> {
  const edge = fc.integer({ min: 1, max: 9 });
  const kernel = fc.integer({ min: 1, max: 5 });
  const depth = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(12, 16, 68));
  const padding = fc.constantFrom<Padding>("valid", "same", 0, 1, 2);
  return fc.record({
    batch: fc.integer({ min: 1, max: 3 }),
    height: edge,
    width: edge,
    kernelHeight: kernel,
    kernelWidth: kernel,
    channels: depth,
    filters: depth,
    stride: fc.integer({ min: 1, max: 3 }),
    padding,
  }).filter((c) => {
    const [batch, height, width, filters] = shapes(c).y as [number, number, number, number];
    return height > 0 && width > 0 &&
      batch * height * width * filters * c.channels * c.kernelHeight * c.kernelWidth <= work;
  });
}

function placement(c: Convolution) {
  return [
    along(c.height, c.kernelHeight, c),
    along(c.width, c.kernelWidth, c),
  ] as const;
}

function along(input: number, kernel: number, { stride, padding }: Convolution) {
  if (padding === "same") {
    const size = Math.ceil(input / stride);
    return { size, before: Math.max(0, (size - 1) * stride + kernel - input) >> 1 };
  }
  const before = padding === "valid" ? 0 : padding;
  return { size: Math.floor((input + 2 * before - kernel) / stride) + 1, before };
}
