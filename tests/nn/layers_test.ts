import assert from "node:assert/strict";
import { describeNet, parameterCount } from "../../core/nn/describe.ts";
import { type Layer, layerSchema } from "../../core/nn/layers.ts";
import {
  conv2d,
  conv2dTranspose,
  dense,
  dropout,
  flatten,
  globalAveragePool,
  leakyRelu,
  maxPool,
  relu,
  reshape,
  selu,
  sigmoid,
  tanh,
  upsample,
} from "../../mod.ts";
import type { Supervised } from "../../core/experiment/arms/arm.ts";
import cnn from "../../experiments/cnn/mod.ts";
import { built, EVERY_KIND } from "./nets.ts";

function declared(layers: readonly unknown[]): Layer[] {
  return layers.map((layer) => layerSchema.parse(layer));
}

Deno.test("layers are named by their kind, counted from 1 within it", () => {
  const { applied } = built(EVERY_KIND, [8, 8, 1]);
  assert.deepEqual(applied.map(({ name }) => name), [
    "conv2d1",
    "relu1",
    "maxPool1",
    "conv2d2",
    "sigmoid1",
    "flatten1",
    "dense1",
    "dense2",
  ]);
});

Deno.test("each layer's input is the output of the one before", () => {
  const { applied } = built(EVERY_KIND, [8, 8, 1]);
  assert.deepEqual(applied.map(({ output }) => output.shape), [
    [2, 8, 8, 3],
    [2, 8, 8, 3],
    [2, 4, 4, 3],
    [2, 2, 2, 5],
    [2, 2, 2, 5],
    [2, 20],
    [2, 7],
    [2, 4],
  ]);
  applied.slice(1).forEach(({ input }, i) => assert.equal(input, applied[i]!.output));
});

Deno.test("a layer declares what its function says, defaults put in by the schema", () => {
  assert.deepEqual(
    declared([conv2d({ filters: 2, kernel: 3 }), maxPool({ size: 2 }), dense({ units: 1 })]),
    [
      { layer: "conv2d", filters: 2, kernel: 3, stride: 1, padding: "valid" },
      { layer: "maxPool", size: 2 },
      { layer: "dense", units: 1 },
    ],
  );
  assert.deepEqual(
    declared([leakyRelu(), leakyRelu({ slope: 0.01 }), dropout({ rate: 0.5 })]),
    [
      { layer: "leakyRelu", slope: 0.2 },
      { layer: "leakyRelu", slope: 0.01 },
      { layer: "dropout", rate: 0.5 },
    ],
  );
  const weights = { normal: 0.02 };
  assert.deepEqual(declared([dense({ units: 1, weights })]), [{
    layer: "dense",
    units: 1,
    weights,
  }]);
  assert.deepEqual(declared([conv2dTranspose({ filters: 2, kernel: [3, 4], bias: false })]), [{
    ...{ layer: "conv2dTranspose", filters: 2, kernel: [3, 4] },
    ...{ stride: 1, padding: "valid", outputPadding: 0, bias: false },
  }]);
  assert.deepEqual(declared([upsample({ factor: 2 }), reshape({ shape: [7, 7, 64] })]), [
    { layer: "upsample", factor: 2 },
    { layer: "reshape", shape: [7, 7, 64] },
  ]);
  assert.deepEqual(declared([relu(), selu(), sigmoid(), tanh(), flatten(), globalAveragePool()]), [
    { layer: "relu" },
    { layer: "selu" },
    { layer: "sigmoid" },
    { layer: "tanh" },
    { layer: "flatten" },
    { layer: "globalAveragePool" },
  ]);
});

for (
  const wrong of [
    ...[0, 1, -0.2, NaN].map((slope) => ({ layer: "leakyRelu", slope })),
    ...[1, -0.1, NaN].map((rate) => ({ layer: "dropout", rate })),
    { layer: "dropout" },
    { layer: "selu", alpha: 1 },
    ...[0, -1, Infinity].map((normal) => ({ layer: "dense", units: 1, weights: { normal } })),
    { layer: "dense", units: 1, weights: { uniform: 0.1 } },
    { layer: "dense", units: 1, weights: {} },
  ]
) {
  Deno.test(`a layer cannot be ${JSON.stringify(wrong)}`, () => {
    assert.ok(!layerSchema.safeParse(wrong).success);
  });
}

for (
  const [what, layers, message] of [
    [
      "dense on images",
      [relu(), dense({ units: 3 })],
      /^layer "dense1": dense: the input \[1, 6, 6, 1\] must be .*; put flatten\(\) before it$/,
    ],
    [
      "conv2d on vectors",
      [flatten(), conv2d({ filters: 1, kernel: 1 })],
      /^layer "conv2d1": conv2d: the input \[1, 36\] must be .*; put it before flatten\(\) and dense/,
    ],
    [
      "maxPool on vectors",
      [flatten(), maxPool({ size: 2 })],
      /^layer "maxPool1": max_pool: .* \[1, 36\]/,
    ],
    [
      "globalAveragePool on vectors",
      [flatten(), globalAveragePool()],
      /^layer "globalAveragePool1": the input .*\[1, 36\]/,
    ],
    [
      "conv2dTranspose on vectors",
      [flatten(), conv2dTranspose({ filters: 1, kernel: 1 })],
      /^layer "conv2dTranspose1": conv2dTranspose: the input \[1, 36\] must be .*; put reshape\(\)/,
    ],
    [
      "conv2dTranspose with an output padding as large as its stride",
      [conv2dTranspose({ filters: 1, kernel: 3, stride: 2, outputPadding: 2 })],
      /^layer "conv2dTranspose1": conv2d_transpose: an output padding of 2 .*from 0 to 1$/,
    ],
    [
      "upsample on vectors",
      [flatten(), upsample({ factor: 2 })],
      /^layer "upsample1": upsample: the input .*\[1, 36\]/,
    ],
    [
      "reshape to another size",
      [reshape({ shape: [7, 5] })],
      /^layer "reshape1": reshape: .* 36 numbers .*, \[6, 6, 1\], but \[7, 5\] has 35; make them equal$/,
    ],
    [
      "a kernel larger than the image",
      [conv2d({ filters: 1, kernel: 3 }), conv2d({ filters: 1, kernel: 5 })],
      /^layer "conv2d2": conv2d: a kernel of 5x5 is larger than .* 4x4 .*; use a smaller kernel, or/,
    ],
    [
      "a window larger than the image",
      [maxPool({ size: 2 }), maxPool({ size: 4 })],
      /^layer "maxPool2": max_pool: a kernel of 4x4 is larger than .* 3x3/,
    ],
  ] as const
) {
  Deno.test(`${what} is an error that names the layer`, () => {
    assert.throws(() => describeNet(declared(layers), [6, 6, 1]), { name: "ShapeError", message });
  });
}

Deno.test("describeNet() gives the shapes and parameters of the lecture's convolutional net", () => {
  const { net } = cnn.arms["reference"] as Supervised;
  assert.deepEqual(
    describeNet(net, [32, 32, 3]).map(({ name, output, parameters }) => [name, output, parameters]),
    [
      ["conv2d1", [30, 30, 32], 3 * 3 * 3 * 32 + 32],
      ["relu1", [30, 30, 32], 0],
      ["maxPool1", [15, 15, 32], 0],
      ["conv2d2", [13, 13, 64], 3 * 3 * 32 * 64 + 64],
      ["relu2", [13, 13, 64], 0],
      ["maxPool2", [6, 6, 64], 0],
      ["conv2d3", [4, 4, 64], 3 * 3 * 64 * 64 + 64],
      ["relu3", [4, 4, 64], 0],
      ["flatten1", [1024], 0],
      ["dense1", [64], 1024 * 64 + 64],
      ["relu4", [64], 0],
      ["dense2", [10], 64 * 10 + 10],
    ],
  );
  assert.equal(parameterCount(net, [32, 32, 3]), 122_570);
});

Deno.test("describeNet() gives the shapes of a generator from a code of one pixel", () => {
  const generator = declared([
    conv2dTranspose({ filters: 64, kernel: 7, bias: false }),
    conv2dTranspose({ filters: 32, kernel: 4, stride: 2, padding: "same" }),
    conv2dTranspose({ filters: 1, kernel: 5, stride: 2, padding: 2, outputPadding: 1 }),
  ]);
  assert.deepEqual(
    describeNet(generator, [1, 1, 64]).map(({ output, parameters }) => [output, parameters]),
    [
      [[7, 7, 64], 7 * 7 * 64 * 64],
      [[14, 14, 32], 4 * 4 * 64 * 32 + 32],
      [[28, 28, 1], 5 * 5 * 32 * 1 + 1],
    ],
  );
});

Deno.test("reshape() and flatten() undo each other, and upsample() makes images larger", () => {
  const net = declared([
    dense({ units: 12, bias: false }),
    reshape({ shape: [2, 3, 2] }),
    upsample({ factor: 2 }),
    flatten(),
  ]);
  assert.deepEqual(
    describeNet(net, [5]).map(({ output, parameters }) => [output, parameters]),
    [[[12], 60], [[2, 3, 2], 0], [[4, 6, 2], 0], [[48], 0]],
  );
});

Deno.test("a layer without bias declares its weights only", () => {
  const layers = [
    conv2d({ filters: 2, kernel: 3, bias: false }),
    conv2dTranspose({ filters: 2, kernel: 3, bias: false }),
    flatten(),
    dense({ units: 3, bias: false }),
  ];
  const { net } = built(declared(layers), [4, 4, 1]);
  assert.deepEqual([...net.used.keys()], [
    "conv2d1/weights",
    "conv2dTranspose1/weights",
    "dense1/weights",
  ]);
});

Deno.test("globalAveragePool() leaves one number a channel, whatever the image's size", () => {
  for (const side of [4, 7]) {
    const [, pooled, last] = describeNet(
      declared([conv2d({ filters: 5, kernel: 3 }), globalAveragePool(), dense({ units: 3 })]),
      [side, side, 1],
    );
    assert.deepEqual([pooled!.output, pooled!.parameters, last!.parameters], [[5], 0, 5 * 3 + 3]);
  }
});

Deno.test("parameterCount() of the dense arms", () => {
  const count = (arm: string) => parameterCount((cnn.arms[arm] as Supervised).net, [32, 32, 3]);
  assert.equal(count("dense"), 201_482);
  assert.equal(count("dense-wide"), 1_707_274);
});

Deno.test("describeNet() counts dense10's parameters apart from dense1's", () => {
  const layers = declared([flatten(), ...Array.from({ length: 10 }, () => dense({ units: 2 }))]);
  const described = describeNet(layers, [2, 1, 1]);
  assert.ok(described.slice(1).every(({ parameters }) => parameters === 2 * 2 + 2));
});
