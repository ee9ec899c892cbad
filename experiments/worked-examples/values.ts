/** Small nets and single layers with the numbers that the lectures print for them. */
import { ops } from "../../mod.ts";
import { exactly, example, image, matrix, run } from "./example.ts";

/** Half a unit of the second decimal, to which these lectures round. */
const TWO_DECIMALS = 0.005;

export const toyNet = example({
  id: "we-toy-net",
  lecture: 'CS404 "A simple network, toy example", slides 33-34',
  paraphrase:
    "Three layers of two sigmoid neurons each carry the input (1, -1) through these activations.",
  // As the lecture has it, each row holds the weights into one neuron.
  inputs: {
    input: [1, -1],
    layers: [
      { weights: [[1, -2], [-1, 1]], biases: [1, 0] },
      { weights: [[2, -1], [-2, -1]], biases: [0, 0] },
      { weights: [[3, -1], [-1, 4]], biases: [-2, 2] },
    ],
  },
  compute: (lab, { input, layers }) =>
    run(lab, (graph) => {
      let activations = matrix(graph, [input]);
      const outputs = layers.map(({ weights, biases }) => {
        const z = ops.matmul(activations, matrix(graph, weights), { transposeB: true });
        return activations = ops.sigmoid(ops.add(z, matrix(graph, [biases])));
      });
      return Object.fromEntries(outputs.map((output, i) => [`layer ${i + 1}`, output]));
    }),
  expected: {
    "layer 1": exactly([0.98, 0.12], TWO_DECIMALS),
    "layer 2": exactly([0.86, 0.11], TWO_DECIMALS),
    "layer 3": exactly([0.62, 0.83], TWO_DECIMALS),
  },
});

export const softmaxLayer = example({
  id: "we-softmax",
  lecture: 'CS404 "Softmax layer", slides 39-40',
  paraphrase:
    "A softmax turns three logits into probabilities, sigmoids turn them into separate answers.",
  inputs: { logits: [3, 1, -3] },
  compute: (lab, { logits }) =>
    run(lab, (graph) => {
      const z = matrix(graph, [logits]);
      return { softmax: ops.softmax(z), sigmoids: ops.sigmoid(z) };
    }),
  expected: {
    softmax: exactly([0.88, 0.12, 0], TWO_DECIMALS),
    sigmoids: exactly([0.95, 0.73, 0.05], TWO_DECIMALS),
  },
});

export const maxPooling = example({
  id: "we-max-pool",
  lecture: "CS404 slide 90",
  paraphrase: "Max-pooling by 2x2 with stride 2 keeps the largest of each four.",
  inputs: {
    image: [
      [1, 3, 5, 3],
      [4, 2, 3, 1],
      [3, 1, 1, 3],
      [0, 1, 0, 4],
    ],
    size: 2,
    stride: 2,
  },
  compute: (lab, { size, stride, ...inputs }) =>
    run(lab, (graph) => ({ output: ops.maxPool(image(graph, inputs.image), { size, stride }) })),
  expected: { output: exactly([[4, 5], [3, 4]].flat()) },
});
