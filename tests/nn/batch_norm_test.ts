import assert from "node:assert/strict";
import { compile } from "../../core/graph/compile.ts";
import { gradients } from "../../core/graph/gradients.ts";
import { Graph } from "../../core/graph/graph.ts";
import { describeNet } from "../../core/nn/describe.ts";
import { applyLayers, type LayerDeclaration, layerSchema } from "../../core/nn/layers.ts";
import { FLAT, type Mode, Net } from "../../core/nn/net.ts";
import { Parameters } from "../../core/nn/parameters.ts";
import { type Shape, size } from "../../core/ops/op.ts";
import { sum } from "../../core/ops/sum.ts";
import { batchNorm, conv2d, flatten, relu } from "../../mod.ts";
import { cpu, execute } from "../ops/harness.ts";

/** A net that was built in a mode, its output and what it was computed from. */
function built(mode: Mode, shape: Shape, declared: readonly LayerDeclaration[] = [batchNorm()]) {
  const graph = new Graph();
  const net = new Net(graph, new Parameters(), { mode, statistics: new Parameters("running") });
  const x = graph.leaf({ name: "x", type: "f32", length: size(shape) }, shape);
  const layers = declared.map((layer) => layerSchema.parse(layer));
  const { output } = applyLayers(net, x, layers).at(-1)!;
  return { graph, net, x, output };
}

/** What [4, 1, 1, 2] becomes, and the running moments after it, from mean (1, 2), variance (4, 9). */
async function run(mode: Mode) {
  const { graph, output } = built(mode, [4, 1, 1, 2]);
  graph.place(output, { name: "y", type: "f32", length: 8 });
  const flat = (first: number[], second: number[]) => {
    const data = new Float32Array(128);
    data.set(first);
    data.set(second, 64);
    return data;
  };
  const states = await execute(
    cpu,
    compile(graph, "test"),
    new Map([
      ["x", Float32Array.of(1, 10, 3, 10, 1, 30, 3, 30)],
      [FLAT.parameters, flat([1, 2], [0, 5])],
      [`running ${FLAT.statistics}`, flat([1, 2], [4, 9])],
    ]),
  );
  const running = states.get(`running ${FLAT.statistics}`);
  const rounded = (view: ArrayLike<number>) => Array.from(view, (x) => Number(x.toFixed(4)));
  return {
    y: rounded(states.get("y")!),
    mean: running && rounded(running.subarray(0, 2)),
    variance: running && rounded(running.subarray(64, 66)),
  };
}

const BATCH = [-1, 3, 1, 3, -1, 7, 1, 7];

Deno.test("in training batchNorm() takes the batch's moments, and the running ones follow", async () => {
  assert.deepEqual(await run("training"), {
    y: BATCH,
    mean: [0.9 * 1 + 0.1 * 2, 0.9 * 2 + 0.1 * 20].map((x) => Number(x.toFixed(4))),
    // The unbiased variances are 4 / 3 and 400 / 3.
    variance: [0.9 * 4 + 0.1 * 4 / 3, 0.9 * 9 + 0.1 * 400 / 3].map((x) => Number(x.toFixed(4))),
  });
});

Deno.test("where a gradient only passes batchNorm() takes the batch's moments alone", async () => {
  assert.deepEqual(await run("passing"), { y: BATCH, mean: undefined, variance: undefined });
});

Deno.test("in inference batchNorm() takes the running moments and leaves them", async () => {
  const y = [[0, 8 / 3], [1, 8 / 3], [0, 28 / 3], [1, 28 / 3]].flatMap((
    [a, b],
  ) => [a!, 2 * b! + 5]);
  assert.deepEqual(await run("inference"), {
    y: y.map((x) => Number(x.toFixed(4))),
    mean: [1, 2],
    variance: [4, 9],
  });
});

Deno.test("batchNorm() declares gamma, beta and two statistics a channel, and keeps the shape", () => {
  for (const shape of [[2, 5, 3, 6], [2, 6]]) {
    const { net, output } = built("training", shape);
    assert.deepEqual(output.shape, shape);
    const declared = (of: Parameters) => of.list.map(({ name, shape }) => [name, shape]);
    assert.deepEqual(declared(net.parameters), [["batchNorm1/gamma", [6]], ["batchNorm1/beta", [
      6,
    ]]]);
    assert.deepEqual(declared(net.statistics), [
      ["batchNorm1/running mean", [6]],
      ["batchNorm1/running variance", [6]],
    ]);
  }
});

Deno.test("gamma and the running variance are 1 at first, beta and the running mean 0", async () => {
  const { net } = built("training", [2, 6]);
  const graph = new Graph();
  const key = graph.constant(new Uint32Array(2), [2]);
  const all = [...net.parameters.list, ...net.statistics.list];
  for (const { name, shape, initialiser } of all) {
    graph.place(initialiser(shape, key, key), { name, type: "f32", length: size(shape) });
  }
  const states = await execute(cpu, compile(graph, "test"), new Map());
  assert.deepEqual(all.map(({ name }) => [...new Set(states.get(name)!)]), [[1], [0], [0], [1]]);
});

Deno.test("describeNet() counts gamma and beta, not the running moments", () => {
  const layers = [conv2d({ filters: 5, kernel: 3 }), batchNorm(), relu()];
  assert.equal(describeNet(layers, [6, 6, 1])[1]!.parameters, 10);
});

Deno.test("batchNorm() takes 7 dispatches in training, 5 in passing, 1 in inference", () => {
  const forward = (mode: Mode) => {
    const { graph, output } = built(mode, [8, 9, 9, 3], [batchNorm(), relu()]);
    graph.place(output, { name: "y", type: "f32", length: size(output.shape) });
    return compile(graph, "test").steps.map(({ kernel }) => kernel.name);
  };
  const own = ["sum_chunks", "sum_tree+multiply", "squared_deviations", "sum_tree+multiply"];
  assert.deepEqual(forward("training"), [...own, "follow", "follow", "batch_norm+relu"]);
  assert.deepEqual(forward("passing"), [...own, "batch_norm+relu"]);
  assert.deepEqual(forward("inference"), ["batch_norm+relu"]);
});

Deno.test("the gradients of batchNorm() take 4 dispatches, that of its input by running moments 1", () => {
  const backward = (mode: Mode, all: boolean) => {
    const { graph, net, x, output } = built(mode, [8, 9, 9, 3]);
    const wrt = all ? [x, ...net.used.values()] : [x];
    const found = gradients(graph, sum(output), wrt);
    found.forEach((gradient, i) =>
      graph.place(gradient, { name: `d${i}`, type: "f32", length: size(gradient.shape) })
    );
    return compile(graph, "test").steps.map(({ kernel, label }) => [label, kernel.name])
      .filter(([label]) => label!.startsWith("gradient/batchNorm1"))
      .map(([, name]) => name);
  };
  const whole = ["batch_norm_sums", "sum_tree", "sum_tree", "batch_norm_input_gradient"];
  assert.deepEqual(backward("training", true), whole);
  assert.deepEqual(backward("inference", true), whole);
  assert.deepEqual(backward("inference", false), ["batch_norm_input_gradient"]);
});

Deno.test("batchNorm() of one number a channel is an error in training and passing alone", () => {
  for (const mode of ["training", "passing"] as const) {
    assert.throws(() => built(mode, [1, 1, 1, 4], [flatten(), batchNorm()]), {
      name: "ShapeError",
      message:
        'layer "batchNorm1": the input [1, 4] has one number a channel, whose variance says ' +
        "nothing; train with a batch of at least 2",
    });
  }
  built("inference", [1, 1, 1, 4], [flatten(), batchNorm()]);
});

Deno.test("batchNorm()'s defaults are put in by the schema, and what it cannot be is refused", () => {
  assert.deepEqual(layerSchema.parse(batchNorm()), {
    layer: "batchNorm",
    momentum: 0.9,
    epsilon: 1e-5,
  });
  for (const wrong of [{ momentum: 1 }, { momentum: -0.1 }, { epsilon: 0 }, { rate: 1 }]) {
    assert.throws(() => layerSchema.parse(batchNorm(wrong)));
  }
});
