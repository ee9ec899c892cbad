/** Which pixels a unit of a deep layer sees, measured by the gradient of its value at the input. */
import { gradients, type Graph, ops, type Result, type Value } from "../../mod.ts";
import { exactly, example } from "./example.ts";

/**
 * One brightness ramp towards each corner, [4, height, width, channels].
 *
 * A max-pool passes its gradient only to the winner of each window, so one image shows only some of
 * the pixels that a unit can see. Filters with equal positive weights turn a ramp into a ramp, and
 * ReLU leaves it as it is: at every depth the winner is then the place of its window nearest the
 * bright corner, and with positive weights no gradients cancel. These are the extremes: under any
 * other image each winner, and so each pixel seen, lies between theirs. So the outermost pixels of
 * the four images together bound what the unit can see in any image, and where every pixel between
 * them has a gradient in one of the four, the union is the whole receptive field.
 */
function ramps(graph: Graph, [height, width, channels]: readonly number[]): Value {
  const shape = [4, height!, width!, channels!];
  const pixels = Array.from({ length: 4 * height! * width! }, (_, i) => {
    const corner = Math.floor(i / width! / height!);
    const row = Math.floor(i / width!) % height!;
    const column = i % width!;
    const down = corner < 2 ? row : height! - 1 - row;
    const right = corner % 2 === 0 ? column : width! - 1 - column;
    return Array<number>(channels!).fill(1 + down + right);
  });
  return graph.constant(Float32Array.from(pixels.flat()), shape);
}

/** Filters that take the mean of what they see. */
function meanFilters(graph: Graph, kernel: number, channels: number, filters: number): Value {
  const shape = [kernel, kernel, channels, filters];
  const taps = kernel * kernel * channels;
  return graph.constant(new Float32Array(taps * filters).fill(1 / taps), shape);
}

/** The value of the middle unit of the first map, added up over the images. */
function middleUnit(graph: Graph, maps: Value): Value {
  const [, height, width, filters] = maps.shape as [number, number, number, number];
  const mask = new Float32Array(height * width * filters);
  mask[(Math.floor(height / 2) * width + Math.floor(width / 2)) * filters] = 1;
  return ops.sum(ops.multiply(maps, graph.constant(mask, [height, width, filters])));
}

/**
 * Height and width of the smallest rectangle around all pixels whose gradient is not exactly zero in
 * some image, and how many those are: when they fill it, the unit sees it all and nothing else.
 */
function field({ shape, data }: Result): number[] {
  const [, height, width, channels] = shape as [number, number, number, number];
  const seen = new Set<number>();
  data.forEach((gradient, i) => {
    if (gradient !== 0) seen.add(Math.floor(i / channels) % (height * width));
  });
  const extent = (places: number[]) => Math.max(...places) - Math.min(...places) + 1;
  const pixels = [...seen];
  return [
    extent(pixels.map((pixel) => Math.floor(pixel / width))),
    extent(pixels.map((pixel) => pixel % width)),
    pixels.length,
  ];
}

export const receptiveField = example({
  id: "we-receptive-field",
  lecture: 'L13b "CNN Components", "Convolutional Layer"',
  paraphrase:
    "A unit of the first convolution sees a small patch of pixels and nothing else; deeper units " +
    "see larger patches, through the small ones.",
  note: "The net is the lecture's listing; parts give height, width and number of pixels seen.",
  inputs: { image: [32, 32, 3], filters: [32, 64, 64], kernel: 3, pool: 2 },
  async compute(lab, { image, filters, kernel, pool }) {
    const gradient = await lab.run((graph) => {
      const pixels = ramps(graph, image);
      const unit = (maps: Value) => gradients(graph, middleUnit(graph, maps), [pixels])[0]!;
      const convolve = (x: Value, filters: number) =>
        ops.relu(ops.conv2d(x, meanFilters(graph, kernel, x.shape[3]!, filters)));
      const first = convolve(pixels, filters[0]!);
      const second = convolve(ops.maxPool(first, { size: pool }), filters[1]!);
      const third = convolve(ops.maxPool(second, { size: pool }), filters[2]!);
      return { first: unit(first), second: unit(second), third: unit(third) };
    });
    return {
      "first convolution": field(gradient.first),
      "second convolution": field(gradient.second),
      "third convolution": field(gradient.third),
    };
  },
  expected: {
    "first convolution": exactly([3, 3, 9]),
    "second convolution": exactly([8, 8, 64]),
    "third convolution": exactly([18, 18, 324]),
  },
});
