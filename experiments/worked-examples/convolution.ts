/** What a convolution does to an image: the lectures' numbers and filters. */
import { conv2d, describeNet, ops } from "../../mod.ts";
import { exactly, example, filter, image, type Rows, run } from "./example.ts";

/** The 5x5 input and the 3x3 filter that CSGY works through. */
const WORKED = {
  image: [
    [3, 3, 2, 1, 0],
    [0, 0, 1, 3, 1],
    [3, 1, 2, 2, 3],
    [2, 0, 0, 2, 2],
    [2, 0, 0, 0, 1],
  ],
  filter: [
    [0, 1, 2],
    [2, 2, 0],
    [0, 1, 2],
  ],
};

/** What CSGY prints as its result. */
const WORKED_OUTPUT = [
  [12, 12, 17],
  [10, 17, 19],
  [9, 6, 14],
].flat();

export const workedConvolution = example({
  id: "we-conv2d",
  lecture: 'CSGY "2D convolution"',
  paraphrase: "Sliding the 3x3 filter over the 5x5 input gives nine sums of products.",
  inputs: WORKED,
  compute: (lab, inputs) =>
    run(lab, (graph) => ({
      output: ops.conv2d(image(graph, inputs.image), filter(graph, inputs.filter)),
    })),
  expected: { output: exactly(WORKED_OUTPUT) },
});

export const crossCorrelation = example({
  id: "we-cross-correlation",
  lecture: 'L13b "Convolutional Neural Networks (CNN)", second',
  paraphrase:
    "What a convolutional layer computes is a cross-correlation: it takes the filter as it is " +
    "written, where a convolution in the mathematical sense would flip it and get other numbers.",
  note: "The numbers under the flipped filter are ours, worked out by hand; seven of nine differ.",
  inputs: WORKED,
  compute: (lab, inputs) =>
    run(lab, (graph) => {
      const x = image(graph, inputs.image);
      const flipped = inputs.filter.toReversed().map((row) => row.toReversed());
      return {
        "filter as written": ops.conv2d(x, filter(graph, inputs.filter)),
        "filter flipped": ops.conv2d(x, filter(graph, flipped)),
      };
    }),
  expected: {
    "filter as written": exactly(WORKED_OUTPUT),
    "filter flipped": exactly([
      [18, 20, 19],
      [10, 9, 17],
      [11, 8, 14],
    ].flat()),
  },
});

export const padding = example({
  id: "we-padding",
  lecture: 'L13b "Design Convolutional layer"',
  paraphrase:
    "Zero padding frames the printed 6x6 image in zeros, which makes it 8x8, and so a 3x3 filter " +
    "leaves its size as it was.",
  inputs: {
    image: [
      [251, 251, 255, 233, 182, 179],
      [250, 255, 229, 120, 66, 56],
      [253, 254, 144, 47, 29, 31],
      [255, 229, 113, 65, 56, 62],
      [255, 203, 102, 106, 82, 78],
      [254, 199, 109, 154, 95, 78],
    ],
    frame: 1,
    kernel: 3,
  },
  async compute(lab, inputs) {
    // A 1x1 filter that holds a one copies what it sees: the padded image itself comes out.
    const { framed } = await lab.run((graph) => ({
      framed: ops.conv2d(image(graph, inputs.image), filter(graph, [[1]]), {
        padding: inputs.frame,
      }),
    }));
    const size = [inputs.image.length, inputs.image[0]!.length, 1];
    const same = conv2d({ filters: 1, kernel: inputs.kernel, padding: "same" });
    const [layer] = describeNet([same], size);
    return {
      "framed image": framed.data,
      "framed size": framed.shape.slice(1, 3),
      "size after a filter, padded": layer!.output.slice(0, 2),
    };
  },
  expected: {
    "framed image": exactly([
      [0, 0, 0, 0, 0, 0, 0, 0],
      [0, 251, 251, 255, 233, 182, 179, 0],
      [0, 250, 255, 229, 120, 66, 56, 0],
      [0, 253, 254, 144, 47, 29, 31, 0],
      [0, 255, 229, 113, 65, 56, 62, 0],
      [0, 255, 203, 102, 106, 82, 78, 0],
      [0, 254, 199, 109, 154, 95, 78, 0],
      [0, 0, 0, 0, 0, 0, 0, 0],
    ].flat()),
    "framed size": exactly([8, 8]),
    "size after a filter, padded": exactly([6, 6]),
  },
});

/** A response that is the same in each of `count` rows. */
function everyRow(row: readonly number[], count: number): number[] {
  return Array<readonly number[]>(count).fill(row).flat();
}

/** A response that is the same in each of `count` columns. */
function everyColumn(column: readonly number[], count: number): number[] {
  return column.flatMap((value) => Array<number>(count).fill(value));
}

const noDifference = exactly(everyRow([0, 0, 0, 0], 5));
const noSobel = exactly(everyRow([0, 0, 0], 3));

export const edgeFilters = example({
  id: "we-edge-filters",
  lecture: 'CSGY "Edge detection"',
  paraphrase:
    "Difference and Sobel filters answer where brightness changes across their direction, and " +
    "nowhere else.",
  note: "The filters are the lecture's; the images, 5x5 with a step from 0 to 1, are ours.",
  inputs: {
    filters: {
      "difference x": [[1, -1]],
      "difference y": [[1], [-1]],
      "Sobel x": [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
      "Sobel y": [[1, 2, 1], [0, 0, 0], [-1, -2, -1]],
    },
    images: {
      "vertical edge": [
        [0, 0, 1, 1, 1],
        [0, 0, 1, 1, 1],
        [0, 0, 1, 1, 1],
        [0, 0, 1, 1, 1],
        [0, 0, 1, 1, 1],
      ],
      "horizontal edge": [
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
        [1, 1, 1, 1, 1],
        [1, 1, 1, 1, 1],
        [1, 1, 1, 1, 1],
      ],
      "flat image": [
        [1, 1, 1, 1, 1],
        [1, 1, 1, 1, 1],
        [1, 1, 1, 1, 1],
        [1, 1, 1, 1, 1],
        [1, 1, 1, 1, 1],
      ],
    },
  },
  compute: (lab, { filters, images }) =>
    run(lab, (graph) =>
      Object.fromEntries(
        Object.entries<Rows>(images).flatMap(([imageName, pixels]) =>
          Object.entries<Rows>(filters).map(([filterName, weights]) => [
            `${filterName}, ${imageName}`,
            ops.conv2d(image(graph, pixels), filter(graph, weights)),
          ])
        ),
      )),
  expected: {
    "difference x, vertical edge": exactly(everyRow([0, -1, 0, 0], 5)),
    "difference y, vertical edge": noDifference,
    "Sobel x, vertical edge": exactly(everyRow([-4, -4, 0], 3)),
    "Sobel y, vertical edge": noSobel,
    "difference x, horizontal edge": noDifference,
    "difference y, horizontal edge": exactly(everyColumn([0, -1, 0, 0], 5)),
    "Sobel x, horizontal edge": noSobel,
    "Sobel y, horizontal edge": exactly(everyColumn([-4, -4, 0], 3)),
    "difference x, flat image": noDifference,
    "difference y, flat image": noDifference,
    "Sobel x, flat image": noSobel,
    "Sobel y, flat image": noSobel,
  },
});
