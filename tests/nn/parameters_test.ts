import assert from "node:assert/strict";
import { OFFSET_ALIGNMENT } from "../../core/device/program.ts";
import { glorotUniform, zeros } from "../../core/nn/initialisers.ts";
import { applyLayers } from "../../core/nn/layers.ts";
import { Net } from "../../core/nn/net.ts";
import { Parameters } from "../../core/nn/parameters.ts";
import { Graph } from "../../core/graph/graph.ts";
import { size } from "../../core/ops/op.ts";
import { built, EVERY_KIND } from "./nets.ts";

Deno.test("parameters are named after their layer and role, in order of use", () => {
  const { net } = built(EVERY_KIND, [8, 8, 1]);
  assert.deepEqual(net.parameters.list.map(({ name, shape }) => [name, shape]), [
    ["conv2d1/weights", [3, 3, 1, 3]],
    ["conv2d1/bias", [3]],
    ["conv2d2/weights", [1, 2, 3, 5]],
    ["conv2d2/bias", [5]],
    ["dense1/weights", [20, 7]],
    ["dense1/bias", [7]],
    ["dense2/weights", [7, 4]],
    ["dense2/bias", [4]],
  ]);
  assert.deepEqual([...net.used.keys()], net.parameters.list.map(({ name }) => name));
  assert.equal(net.parameters.count, 27 + 3 + 30 + 5 + 140 + 7 + 28 + 4);
});

Deno.test("each parameter starts at the first aligned offset after the one before", () => {
  const { parameters } = built(EVERY_KIND, [8, 8, 1]).net;
  let end = 0;
  for (const { offset, shape } of parameters.list) {
    assert.equal(offset, end);
    end = Math.ceil((offset + size(shape)) / OFFSET_ALIGNMENT) * OFFSET_ALIGNMENT;
  }
  assert.equal(parameters.state("parameters").length, end);
});

Deno.test("a net that is built again finds its parameters where they were", () => {
  const { net } = built(EVERY_KIND, [8, 8, 1]);
  const before = [...net.parameters.list];
  const graph = new Graph();
  const x = graph.leaf({ name: "input", type: "f32", length: 3 * 64 }, [3, 8, 8, 1]);
  applyLayers(new Net(graph, net.parameters), x, EVERY_KIND);
  assert.deepEqual(net.parameters.list, before);
});

Deno.test("declare() refuses a name for another shape", () => {
  const parameters = new Parameters();
  const first = parameters.declare("dense1/weights", [2, 3], glorotUniform);
  assert.equal(parameters.declare("dense1/weights", [2, 3], glorotUniform), first);
  assert.throws(() => parameters.declare("dense1/weights", [3, 2], glorotUniform), {
    name: "TypeError",
    message:
      'parameter "dense1/weights" is [2, 3] and cannot also be [3, 2]; give one of the two ' +
      "layers another name",
  });
});

Deno.test("packed() leaves the padding out, tensors() are views without it", () => {
  const parameters = new Parameters();
  parameters.declare("a", [2], zeros);
  parameters.declare("b", [3], zeros);
  const flat = Float32Array.from({ length: parameters.state("p").length }, (_, i) => i);
  assert.deepEqual(parameters.packed(flat), Float32Array.of(0, 1, 64, 65, 66));
  assert.deepEqual(
    parameters.tensors(flat).map(({ name, data }) => [name, [...data]]),
    [["a", [0, 1]], ["b", [64, 65, 66]]],
  );
});

Deno.test("a state grows with the parameters that are declared after it", () => {
  const parameters = new Parameters();
  const state = parameters.state("moment");
  assert.equal(state.length, 0);
  parameters.declare("a", [65], zeros);
  assert.equal(state.length, 128);
});
