/** The layer over two batches of training and then in inference, against PyTorch's. */
import golden from "./batch_norm.json" with { type: "json" };
import { compile } from "../../core/graph/compile.ts";
import { gradients } from "../../core/graph/gradients.ts";
import { Graph } from "../../core/graph/graph.ts";
import { applyLayers } from "../../core/nn/layers.ts";
import { FLAT, type Mode, Net } from "../../core/nn/net.ts";
import { Parameters } from "../../core/nn/parameters.ts";
import { multiply } from "../../core/ops/arithmetic.ts";
import { size, type Value } from "../../core/ops/op.ts";
import { sum } from "../../core/ops/sum.ts";
import { assertClose } from "../ops/gradient.ts";
import { cpu, execute, test } from "../ops/harness.ts";
import { numbers } from "./formula.ts";

for (const { x, momentum, epsilon, ...expected } of golden.cases) {
  test(`batchNorm() agrees with PyTorch (${x}, momentum ${momentum})`, async () => {
    const graph = new Graph();
    const parameters = new Parameters(), statistics = new Parameters("running");
    const leaf = (name: string) => graph.leaf({ name, type: "f32", length: size(x) }, x);
    const dy = leaf("dy");
    const pass = (mode: Mode, input: Value) => {
      const net = new Net(graph, parameters, { mode, statistics });
      const layer = { layer: "batchNorm", momentum, epsilon } as const;
      const { output } = applyLayers(net, input, [layer])[0]!;
      const wrt = [input, ...net.used.values()];
      return [output, ...gradients(graph, sum(multiply(output, dy)), wrt)];
    };
    const first = leaf("first");
    const trained = pass("training", first);
    pass("training", leaf("second"));
    const inferred = pass("inference", first).slice(0, 2);
    const results = [...trained, ...inferred];
    results.forEach((value, i) =>
      graph.place(value, { name: `result${i}`, type: "f32", length: size(value.shape) })
    );
    const channels = x.at(-1)!;
    // Gamma and beta, and the running moments, each lie 64 elements apart.
    const pair = (first: ArrayLike<number>, second: ArrayLike<number>) => {
      const flat = new Float32Array(128);
      flat.set(first);
      flat.set(second, 64);
      return flat;
    };
    const second = numbers(x, 500, 2).data.map((value) => value + 0.25);
    const states = await execute(
      cpu,
      compile(graph, "test"),
      new Map([
        ["dy", numbers(x, 200).data],
        ["first", numbers(x, 0, 3).data],
        ["second", second],
        [
          FLAT.parameters,
          pair(numbers([channels], 30, 2).data, numbers([channels], 60).data),
        ],
        [`running ${FLAT.statistics}`, pair([], new Array(channels).fill(1))],
      ]),
    );
    const running = states.get(`running ${FLAT.statistics}`)!;
    assertClose(running.subarray(0, channels), expected.running[0]!, "the running mean");
    assertClose(running.subarray(64, 64 + channels), expected.running[1]!, "the running variance");
    [
      ["y", expected.y],
      ["dx", expected.gradients[0]!],
      ["dgamma", expected.gradients[1]!],
      ["dbeta", expected.gradients[2]!],
      ["y in inference", expected.inferred],
      ["dx in inference", expected.inferredGradient],
    ].forEach(([what, numbers], i) =>
      assertClose(states.get(`result${i}`)!, numbers as number[], what as string)
    );
  });
}
