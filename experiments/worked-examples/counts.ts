/** Parameters, connections and shapes, from the shape rules of declared nets: nothing is allocated. */
import {
  conv2d,
  dense,
  describeNet,
  flatten,
  type LayerDescription,
  maxPool,
  parameterCount,
  relu,
} from "../../mod.ts";
import { above, exactly, example } from "./example.ts";

/** The weights of a described layer alone: each of its units or filters has one bias. */
function weights({ parameters, output }: LayerDescription): number {
  return parameters - (parameters > 0 ? output.at(-1)! : 0);
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);
const product = (numbers: readonly number[]) => numbers.reduce((total, n) => total * n, 1);

/** One convolution of an image beside a dense layer that gives as many outputs. */
function convolutionAndDense(
  { image, filters, kernel }: {
    readonly image: readonly number[];
    readonly filters: number;
    readonly kernel: number;
  },
) {
  const [convolution] = describeNet([conv2d({ filters, kernel })], image);
  const units = product(convolution!.output);
  const [, connected] = describeNet([flatten(), dense({ units })], image);
  return { convolution: convolution!, dense: connected! };
}

export const netParameters = example({
  id: "we-parameters",
  lecture: 'CS404 "Elements of neural networks", slide 30',
  paraphrase: "3 inputs, 4 hidden neurons and 2 outputs make 20 weights and 6 biases, 26 in all.",
  inputs: { inputs: 3, units: [4, 2] },
  compute(_lab, { inputs, units }) {
    const net = units.map((units) => dense({ units }));
    const parameters = parameterCount(net, [inputs]);
    const connections = sum(describeNet(net, [inputs]).map(weights));
    return { weights: connections, biases: parameters - connections, parameters };
  },
  expected: { weights: exactly(20), biases: exactly(6), parameters: exactly(26) },
});

export const stepsPerEpoch = example({
  id: "we-steps",
  lecture: 'CS461 "Loss (Negative Log Likelihood)", the question',
  paraphrase: "An epoch of 3,500 samples in batches of 50 takes 70 steps.",
  inputs: { samples: 3500, batch: 50 },
  compute: (_lab, { samples, batch }) => ({ steps: Math.floor(samples / batch) }),
  expected: { steps: exactly(70) },
});

export const denseConnections = example({
  id: "we-dense-connections",
  lecture: 'L13a/b "Convolutional Neural Networks (CNN)"',
  paraphrase: "Connecting 100x100 pixels to each of 1,000 neurons takes 10 million connections.",
  note: "Connections are weights; the biases are not counted.",
  inputs: { image: [100, 100, 1], units: 1000 },
  compute(_lab, { image, units }) {
    const [, layer] = describeNet([flatten(), dense({ units })], image);
    return { connections: weights(layer!) };
  },
  expected: { connections: exactly(10_000_000) },
});

/** The 28x28 image of CSGY under one 5x5 filter. */
const WEIGHT_SHARING = { image: [28, 28, 1], filters: 1, kernel: 5 };

export const weightSharingCount = example({
  id: "we-weight-sharing-count",
  lecture: 'CSGY "Convolutional Layer"',
  paraphrase:
    "A feature over a 28x28 image takes 451,584 weights in a dense layer and 25 in a 5x5 filter.",
  inputs: WEIGHT_SHARING,
  compute(_lab, inputs) {
    const { convolution, dense } = convolutionAndDense(inputs);
    return { "dense weights": weights(dense), "filter weights": weights(convolution) };
  },
  expected: { "dense weights": exactly(451_584), "filter weights": exactly(25) },
});

export const weightSharingFactor = example({
  id: "we-weight-sharing-factor",
  lecture: 'CSGY "Convolutional Layer"',
  paraphrase: "Sharing weights saves a factor of over 200,000.",
  note: "The lecture's own two counts give 451,584 / 25 = 18,063.36, so this one is refuted.",
  inputs: WEIGHT_SHARING,
  compute(_lab, inputs) {
    const { convolution, dense } = convolutionAndDense(inputs);
    return { factor: weights(dense) / weights(convolution) };
  },
  expected: { factor: above(200_000) },
});

export const layerParameters = example({
  id: "we-layer-parameters",
  lecture: 'L13b "Convolutional Layer", shared parameters',
  paraphrase:
    "That all neurons of a feature map share their parameters saves very many of them: 896 do the " +
    "work of 88,502,400.",
  note: "The layer is the first of the lecture's listing; the lecture itself gives no counts.",
  inputs: { image: [32, 32, 3], filters: 32, kernel: 3 },
  compute(_lab, inputs) {
    const { convolution, dense } = convolutionAndDense(inputs);
    return { convolution: convolution.parameters, dense: dense.parameters };
  },
  expected: { convolution: exactly(896), dense: exactly(88_502_400) },
});

export const featureMaps = example({
  id: "we-feature-maps",
  lecture: 'L13b "CNN Components"',
  paraphrase: "32 filters over a 32x32 colour image give 32 feature maps, one each.",
  note: "The lecture leaves the size of the filters open; 3x3 here.",
  inputs: { image: [32, 32, 3], filters: 32, kernel: 3 },
  compute(_lab, { image, filters, kernel }) {
    const [layer] = describeNet([conv2d({ filters, kernel })], image);
    return { maps: layer!.output.at(-1)! };
  },
  expected: { maps: exactly(32) },
});

export const alexNet = example({
  id: "we-alexnet",
  lecture: 'CS461, the printed model; CSGY "60 million parameters"',
  paraphrase:
    "AlexNet as printed narrows an image to 9,216 features and 1,000 classes with 61 million " +
    "parameters.",
  note:
    "Left out of the printed model: dropout, which has no parameters and changes no shape, and the " +
    "adaptive average pooling to 6x6, which at this size gets 6x6 and leaves it as it is.",
  inputs: {
    image: [224, 224, 3],
    layers: [
      conv2d({ filters: 64, kernel: 11, stride: 4, padding: 2 }),
      relu(),
      maxPool({ size: 3, stride: 2 }),
      conv2d({ filters: 192, kernel: 5, padding: 2 }),
      relu(),
      maxPool({ size: 3, stride: 2 }),
      conv2d({ filters: 384, kernel: 3, padding: 1 }),
      relu(),
      conv2d({ filters: 256, kernel: 3, padding: 1 }),
      relu(),
      conv2d({ filters: 256, kernel: 3, padding: 1 }),
      relu(),
      maxPool({ size: 3, stride: 2 }),
      flatten(),
      dense({ units: 4096 }),
      relu(),
      dense({ units: 4096 }),
      relu(),
      dense({ units: 1000 }),
    ],
  },
  compute(_lab, { image, layers }) {
    const net = describeNet(layers, image);
    const outputs = (...kinds: string[]) =>
      net.filter(({ layer }) => kinds.includes(layer.layer)).flatMap(({ output }) => output);
    return {
      "convolutions and poolings": outputs("conv2d", "maxPool"),
      features: outputs("flatten"),
      "dense layers": outputs("dense"),
      parameters: parameterCount(layers, image),
    };
  },
  expected: {
    "convolutions and poolings": exactly([
      [55, 55, 64],
      [27, 27, 64],
      [27, 27, 192],
      [13, 13, 192],
      [13, 13, 384],
      [13, 13, 256],
      [13, 13, 256],
      [6, 6, 256],
    ].flat()),
    features: exactly([9216]),
    "dense layers": exactly([4096, 4096, 1000]),
    parameters: exactly(61_100_840),
  },
});
