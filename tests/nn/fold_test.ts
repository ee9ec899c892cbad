/** A net and its folded form, on the cpu device: the same function, with fewer layers. */
import assert from "node:assert/strict";
import { compile } from "../../core/graph/compile.ts";
import { Graph } from "../../core/graph/graph.ts";
import { canFold, type NetTensors, type TrainedNet } from "../../core/nn/fold.ts";
import { applyLayers, type LayerDeclaration, layerSchema } from "../../core/nn/layers.ts";
import { FLAT, Net } from "../../core/nn/net.ts";
import { Parameters } from "../../core/nn/parameters.ts";
import { type Shape, size } from "../../core/ops/op.ts";
import {
  batchNorm,
  conv2d,
  conv2dTranspose,
  dense,
  dropout,
  flatten,
  foldBatchNorm,
  relu,
} from "../../mod.ts";
import { cpu, execute } from "../ops/harness.ts";
import { numbers } from "../golden/formula.ts";

/** A net over inputs of a shape, the batch axis first, with tensors that differ from each other. */
function trained(declared: readonly LayerDeclaration[], input: Shape): TrainedNet {
  const layers = declared.map((layer) => layerSchema.parse(layer));
  const { net } = emitted(layers, input);
  const all = [...net.parameters.list, ...net.statistics.list];
  return {
    layers,
    tensors: new Map(all.map(({ name, shape }, i) => {
      const tensor = numbers(shape, 37 * i + 5, 2);
      const data = name.endsWith("variance") ? tensor.data.map((x) => x + 1.5) : tensor.data;
      return [name, { shape, data }];
    })),
  };
}

function emitted(layers: TrainedNet["layers"], input: Shape) {
  const graph = new Graph();
  const net = new Net(graph, new Parameters(), { statistics: new Parameters("running") });
  const x = graph.leaf({ name: "x", type: "f32", length: size(input) }, input);
  const { output } = applyLayers(net, x, layers).at(-1)!;
  graph.place(output, { name: "y", type: "f32", length: size(output.shape) });
  return { graph, net };
}

async function outputs({ layers, tensors }: TrainedNet, input: Shape): Promise<Float32Array> {
  const { graph, net } = emitted(layers, input);
  const flat = (of: Parameters) => {
    const data = new Float32Array(of.state("").length);
    of.restore(tensors, (offset, values) => data.set(values, offset));
    return data;
  };
  const states = await execute(
    cpu,
    compile(graph, "test"),
    new Map([
      ["x", numbers(input, 900, 2).data],
      [FLAT.parameters, flat(net.parameters)],
      ...net.statistics.count > 0
        ? [[`running ${FLAT.statistics}`, flat(net.statistics)] as const]
        : [],
    ]),
  );
  return states.get("y") as Float32Array;
}

/** The largest difference over the largest magnitude. */
async function difference(one: TrainedNet, other: TrainedNet, input: Shape): Promise<number> {
  const [a, b] = [await outputs(one, input), await outputs(other, input)];
  const largest = (values: Float32Array) => values.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  assert.equal(a.length, b.length);
  assert.ok(largest(a) > 0.1);
  return largest(a.map((x, i) => x - b[i]!)) / largest(a);
}

const names = (tensors: NetTensors) => [...tensors.keys()];

const IMAGES = [2, 5, 4, 3];
const NETS: readonly [what: string, layers: LayerDeclaration[], input: Shape, left: string[]][] = [
  [
    "a convolution with bias",
    [conv2d({ filters: 3, kernel: 3 }), batchNorm(), relu()],
    IMAGES,
    ["conv2d1/weights", "conv2d1/bias"],
  ],
  [
    "a convolution without bias",
    [conv2d({ filters: 4, kernel: [1, 2], stride: 2, bias: false }), batchNorm()],
    IMAGES,
    ["conv2d1/weights", "conv2d1/bias"],
  ],
  [
    "a transposed convolution with bias",
    [conv2dTranspose({ filters: 3, kernel: 3, stride: 2, padding: "same" }), batchNorm()],
    IMAGES,
    ["conv2dTranspose1/weights", "conv2dTranspose1/bias"],
  ],
  [
    "a transposed convolution without bias",
    [conv2dTranspose({ filters: 5, kernel: 2, bias: false }), batchNorm({ epsilon: 0.01 })],
    IMAGES,
    ["conv2dTranspose1/weights", "conv2dTranspose1/bias"],
  ],
  [
    "dense layers with and without bias",
    [
      dense({ units: 7 }),
      batchNorm(),
      relu(),
      dense({ units: 7, bias: false }),
      batchNorm({ epsilon: 0.1 }),
    ],
    [5, 7],
    ["dense1/weights", "dense1/bias", "dense2/weights", "dense2/bias"],
  ],
  [
    "two batch normalisations in a row",
    [dense({ units: 4 }), batchNorm(), batchNorm()],
    [5, 3],
    ["dense1/weights", "dense1/bias"],
  ],
];

for (const [what, layers, input, left] of NETS) {
  Deno.test(`foldBatchNorm() keeps the function of ${what}`, async () => {
    const net = trained(layers, input);
    assert.ok(canFold(net.layers));
    const folded = foldBatchNorm(layers, net.tensors);
    assert.deepEqual(names(folded.tensors), left);
    assert.ok(folded.layers.every((layer) => layer.layer !== "batchNorm" && !("bias" in layer)));
    const found = await difference(net, folded, input);
    assert.ok(found < 1e-6, `${found}`);
    assert.ok(found > 0, "roundings differ");
  });
}

Deno.test("what a batch normalisation does not directly follow a linear layer of stays", async () => {
  const layers = [
    batchNorm(),
    conv2d({ filters: 3, kernel: 2 }),
    relu(),
    batchNorm(),
    conv2d({ filters: 4, kernel: 2 }),
    batchNorm(),
    relu(),
    flatten(),
    batchNorm(),
    dense({ units: 3 }),
    dropout({ rate: 0.5 }),
    batchNorm(),
  ];
  const net = trained(layers, IMAGES);
  const folded = foldBatchNorm(layers, net.tensors);
  assert.deepEqual(
    folded.layers,
    net.layers.filter((_, i) => i !== 5),
  );
  const of = (norm: string) =>
    ["gamma", "beta", "running mean", "running variance"].map((role) => `${norm}/${role}`);
  // The third goes into the second convolution, and those after it are counted anew.
  const kept = [["batchNorm1", 1], ["batchNorm2", 2], ["batchNorm4", 3], ["batchNorm5", 4]];
  for (const [before, after] of kept) {
    of(`${before}`).forEach((name, i) =>
      assert.equal(folded.tensors.get(of(`batchNorm${after}`)[i]!), net.tensors.get(name))
    );
  }
  assert.equal(folded.tensors.size, net.tensors.size - 4);
  assert.ok(await difference(net, folded, IMAGES) < 1e-6);
});

Deno.test("a net in which nothing can be folded stays as it is", async () => {
  const layers = [batchNorm(), dense({ units: 3 }), relu(), batchNorm()];
  const net = trained(layers, [5, 4]);
  assert.ok(!canFold(net.layers));
  const folded = foldBatchNorm(layers, net.tensors);
  assert.deepEqual(folded.layers, net.layers);
  assert.deepEqual([...folded.tensors].sort(), [...net.tensors].sort());
  assert.equal(await difference(net, folded, [5, 4]), 0);
});

Deno.test("what is no layer's tensor is left out", () => {
  const layers = [dense({ units: 3 }), batchNorm()];
  const { tensors } = trained(layers, [5, 4]);
  const more = new Map([...tensors, ["first moment/dense1/weights", numbers([4, 3], 0)]]);
  assert.deepEqual(foldBatchNorm(layers, more).tensors, foldBatchNorm(layers, tensors).tensors);
});

Deno.test("a small product becomes zero, as every stored number", () => {
  const layers = [dense({ units: 1 }), batchNorm()];
  const { tensors } = trained(layers, [1, 2]);
  const small = new Map([...tensors, [
    "dense1/weights",
    { shape: [2, 1], data: Float32Array.of(2 ** -60, 1) },
  ]]);
  const { data } = foldBatchNorm(layers, small).tensors.get("dense1/weights")!;
  assert.equal(data[0], 0);
  assert.notEqual(data[1], 0);
});

Deno.test("foldBatchNorm() refuses tensors that are missing or do not fit, by their names", () => {
  const layers = [dense({ units: 3 }), batchNorm()];
  const { tensors } = trained(layers, [5, 4]);
  const without = (name: string) => new Map([...tensors].filter(([other]) => other !== name));
  for (const name of [...tensors.keys()]) {
    assert.throws(() => foldBatchNorm(layers, without(name)), {
      name: "TypeError",
      message: `the tensors do not fit the net: "${name}" must be f32 with the 3 channels of ` +
        "dense1 on its last axis, for batchNorm1 to be folded into it, but is missing",
    });
    for (const shape of [[4], [4, 4], [3, 4]]) {
      assert.throws(
        () => foldBatchNorm(layers, new Map([...without(name), [name, numbers(shape, 0)]])),
        /must be f32 with the 3 channels of dense1 .*, not \[\d(, \d)?\]$/,
      );
    }
    const whole = { shape: tensors.get(name)!.shape, data: new Uint32Array(12) };
    assert.throws(
      () => foldBatchNorm(layers, new Map([...without(name), [name, whole]])),
      TypeError,
    );
  }
});
