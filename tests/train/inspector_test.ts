import assert from "node:assert/strict";
import { shuffledBatches } from "../../core/data/batches.ts";
import type { Device } from "../../core/device/device.ts";
import type { Program } from "../../core/device/program.ts";
import type { Layer } from "../../core/nn/layers.ts";
import type { Optimiser } from "../../core/optim/optimisers.ts";
import type { InspectionConfig } from "../../core/train/inspection.ts";
import type { Inspection } from "../../core/train/inspector.ts";
import type { Trainer } from "../../core/train/trainer.ts";
import { assertClose } from "../ops/gradient.ts";
import { cpu, simd, test, webGpu } from "../ops/harness.ts";
import {
  gradient64,
  moments64,
  type Parameters64,
  pass64,
  type Step64,
  type Tensor64,
} from "./net64.ts";
import { ADAM, CLASSES, DATA, IMAGE, NORMALISED, SGD, tinyTrainer } from "./tiny.ts";

/** Every kind of thing that a look must leave alone or draw again. */
const DROPPING: Layer[] = [
  { layer: "flatten" },
  { layer: "dense", units: 6, bias: false },
  { layer: "batchNorm", momentum: 0.9, epsilon: 1e-5 },
  { layer: "sigmoid" },
  { layer: "dropout", rate: 0.25 },
  { layer: "dense", units: 5 },
  { layer: "sigmoid" },
  { layer: "dense", units: CLASSES },
];
const CONVOLUTIONAL: Layer[] = [
  { layer: "conv2d", filters: 3, kernel: 3, stride: 1, padding: "valid" },
  { layer: "sigmoid" },
  { layer: "flatten" },
  { layer: "dense", units: CLASSES },
];
const SIZES = [0.25, 4];
const INSPECT: InspectionConfig = {
  landscape: SIZES,
  histograms: { layers: "sigmoid", from: 0.3, to: 0.6, bins: 3 },
};
const CASES: [string, { net: Layer[]; optimiser: Optimiser; seed: number }][] = [
  ["a dense net with dropout and batch normalisation", {
    ...{ net: DROPPING, optimiser: SGD, seed: 0 },
  }],
  ["a convolutional net under Adam", { net: CONVOLUTIONAL, optimiser: ADAM, seed: 7 }],
];
const BATCH = 8;

/** A trainer with who inspects it. */
async function inspected(given: Parameters<typeof tinyTrainer>[0], inspect = INSPECT) {
  const trainer = await tinyTrainer({ ...given, batch: BATCH, inspect });
  return { trainer, inspector: trainer.inspector! };
}

function seenBy(seed: number, step: number): Step64 {
  const { pixels, labels } = DATA.train;
  const all = Uint32Array.from({ length: 40 }, (_, i) => i);
  const rows = [...shuffledBatches(seed, all, BATCH).batch(step)];
  const pixelsOf = (row: number) => [...pixels.subarray(row * 16, row * 16 + 16)];
  return {
    images: {
      shape: [BATCH, ...IMAGE],
      data: rows.flatMap(pixelsOf).map((pixel) => pixel / 255),
    },
    labels: rows.map((row) => labels[row]!),
    seed,
    step,
  };
}

async function saved(trainer: Trainer) {
  return new Map(
    (await trainer.state()).map((
      { name, shape, data },
    ): [string, Tensor64] => [name, { shape, data: [...data] }]),
  );
}

/** Numbers of all parameters of a layer, or of all layers. */
function of(parameters: Parameters64, layer = ""): number[] {
  return [...parameters].filter(([name]) => name.startsWith(layer && `${layer}/`))
    .flatMap(([, { data }]) => data);
}

function norm(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
}

function combined(
  a: Parameters64,
  b: Parameters64,
  f: (x: number, y: number, name: string, i: number) => number,
): Parameters64 {
  return new Map(Array.from(a, ([name, { shape, data }]) => {
    const other = b.get(name)!.data;
    return [name, { shape, data: data.map((x, i) => f(x, other[i]!, name, i)) }];
  }));
}

/** The same as an inspection, by the formulas in f64. */
async function byHand(
  trainer: Trainer,
  { net, optimiser, seed }: { net: readonly Layer[]; optimiser: Optimiser; seed: number },
  step: number,
) {
  const state = await saved(trainer);
  const parameters = new Map(
    [...state].filter(([name]) => !/moment\/|running /.test(name)),
  );
  const seen = seenBy(seed, step);
  const gradient = gradient64(net, parameters, seen);
  const after = combined(parameters, gradient, (x, g, name, i) => {
    if (optimiser.optimiser !== "adam") return x - optimiser.learningRate * g;
    const { learningRate, beta1, beta2, epsilon } = optimiser;
    const at = (moment: string) => state.get(`${moment} moment/${name}`)!.data[i]!;
    const first = (beta1 * at("first") + (1 - beta1) * g) / (1 - beta1 ** (step + 1));
    const second = (beta2 * at("second") + (1 - beta2) * g * g) / (1 - beta2 ** (step + 1));
    return x - learningRate * first / (Math.sqrt(second) + epsilon);
  });
  const update = combined(after, parameters, (x, y) => x - y);
  const { outputs, loss } = pass64(net, parameters, seen);
  const later = pass64(net, after, seen).outputs;
  const layers = [...outputs.keys()];
  const trained = layers.filter((layer) => of(parameters, layer).length > 0);
  const slopes = SIZES.map((size) => {
    const moved = combined(parameters, gradient, (x, g) => x - size * g);
    const there = gradient64(net, moved, seen);
    return {
      loss: pass64(net, moved, seen).loss,
      change: norm(of(combined(there, gradient, (x, y) => x - y))),
    };
  });
  return {
    layers,
    trained,
    loss,
    spreads: layers.map((layer) => {
      const { shape, data } = outputs.get(layer)!;
      const channels = shape.at(-1)!;
      const moments = Array.from({ length: channels }, (_, c) => ({
        ...moments64(data, channels, c),
        later: moments64(later.get(layer)!.data, channels, c).mean,
      }));
      const spread = moments.reduce((sum, { variance }) => sum + variance, 0);
      const moved = moments.reduce((sum, { mean, later }) => sum + (later - mean) ** 2, 0);
      return {
        ...moments64(data, 1, 0),
        drift: Math.sqrt(moved / spread),
      };
    }),
    gradients: trained.map((layer) => norm(of(gradient, layer))),
    updates: trained.map((layer) => norm(of(update, layer)) / norm(of(parameters, layer))),
    slopes,
    sigmoids: layers.filter((layer) => layer.startsWith("sigmoid"))
      .map((layer) => outputs.get(layer)!.data),
  };
}

/** With zeros of one sign, since the sign is no part of a value. */
function plain(inspection: Inspection): unknown {
  return JSON.parse(JSON.stringify(inspection));
}

for (const [what, given] of CASES) {
  test(`an inspection of ${what} finds what formulas in f64 say`, async () => {
    const { trainer, inspector } = await inspected(given);
    for (const [from, to] of [[0, 3], [3, 7]] as const) {
      await trainer.train(from, to);
      const expected = await byHand(trainer, given, to);
      const found = await inspector.inspect(to);
      assert.deepEqual(inspector.layers, expected.layers);
      assert.deepEqual(inspector.trained, expected.trained);
      assertClose([found.loss], [expected.loss], "the loss");
      const { spreads, slopes } = expected;
      assertClose(found.mean, spreads.map(({ mean }) => mean), "the means");
      assertClose(found.variance, spreads.map(({ variance }) => variance), "the variances");
      assertClose(found.drift, spreads.map(({ drift }) => drift), "the drifts", 1e-4);
      assertClose(found.gradients, expected.gradients, "the gradients");
      assertClose(found.updates, expected.updates, "the updates", 1e-4);
      const { losses, changes } = found.landscape!;
      assertClose(losses, slopes.map(({ loss }) => loss), "the losses along the gradient");
      assertClose(changes, slopes.map(({ change }) => change), "the gradient's changes", 1e-4);
      const names = expected.layers.filter((layer) => layer.startsWith("sigmoid"));
      assert.deepEqual(Object.keys(found.histograms!), names);
      names.forEach((name, i) => {
        const counts = [0, 0, 0, 0, 0];
        for (const x of expected.sigmoids[i]!) {
          counts[x < 0.3 ? 0 : x < 0.4 ? 1 : x < 0.5 ? 2 : x < 0.6 ? 3 : 4]!++;
        }
        assert.ok(counts.filter((count) => count > 0).length > 1, "all in one bin says little");
        assert.deepEqual(found.histograms![name], counts);
      });
    }
    trainer.close();
  });
}

test("an inspection changes no bit of a training, on any device", async () => {
  const nets: [Layer[], Optimiser][] = [[DROPPING, ADAM], [NORMALISED, SGD]];
  for (const [net, optimiser] of nets) {
    const plainly = await tinyTrainer({ net, optimiser });
    const { losses } = await plainly.train(0, 6);
    const states = [await plainly.state()];
    const rest = [(await plainly.train(6, 9)).losses];
    states.push(await plainly.state());
    const found: unknown[] = [];
    for (const device of [cpu, simd, await webGpu()]) {
      const { trainer, inspector } = await inspected({ net, optimiser, device });
      found.push([plain(await inspector.inspect(0))]);
      assert.deepEqual((await trainer.train(0, 6)).losses, losses);
      // What was put back is what was there, the running moments too.
      assert.deepEqual(await trainer.state(), states[0]);
      (found.at(-1) as unknown[]).push(plain(await inspector.inspect(6)));
      assert.deepEqual(await trainer.state(), states[0]);
      assert.deepEqual((await trainer.train(6, 9)).losses, rest[0]);
      assert.deepEqual(await trainer.state(), states[1]);
      trainer.close();
    }
    // And the looks themselves are the same bits.
    assert.deepEqual(found[1], found[0]);
    assert.deepEqual(found[2], found[0]);
    plainly.close();
  }
});

test("a look can be taken twice, and finds the same", async () => {
  const { trainer, inspector } = await inspected({ net: DROPPING });
  const first = await inspector.inspect(4);
  assert.deepEqual(await inspector.inspect(4), first);
  assert.notDeepEqual(await inspector.inspect(5), first);
  trainer.close();
});

test("a channel that is 0 throughout is dead, and has no drift", async () => {
  const net: Layer[] = [
    { layer: "flatten" },
    { layer: "dense", units: 4 },
    { layer: "relu" },
    { layer: "dense", units: 2 },
    { layer: "relu" },
    { layer: "dense", units: CLASSES },
  ];
  const { trainer, inspector } = await inspected({ net, optimiser: SGD }, {});
  const state = new Map((await trainer.state()).map(({ name, ...tensor }) => [name, tensor]));
  const bias = (values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) });
  state.set("dense1/bias", bias([-100, 9, -100, -100]));
  state.set("dense2/bias", bias([-100, -100]));
  trainer.restore(state);
  const { dead, drift, mean, variance, landscape, histograms } = await inspector.inspect(0);
  const at = (name: string) => inspector.layers.indexOf(name);
  assert.deepEqual([at("relu1"), at("relu2")].map((i) => dead[i]), [0.75, 1]);
  assert.equal(dead[at("dense1")], 0);
  // Nothing reaches the first layer, so what is alive there stands still.
  assert.equal(drift[at("relu1")], 0);
  assert.deepEqual([drift[at("relu2")], drift[at("dense3")]], [NaN, NaN]);
  assert.ok(mean[at("relu1")]! > 1 && variance[at("relu1")]! > 1);
  assert.equal(variance[at("relu2")], 0);
  assert.deepEqual([landscape, histograms], [undefined, undefined]);
  trainer.close();
});

/** A device that tells which programs it is given. */
function telling(told: Program[]): Device {
  return {
    ...cpu,
    load(programs) {
      told.push(...programs);
      return cpu.load(programs);
    },
  };
}

test("a net that is not inspected has not one program or buffer more", async () => {
  const opened = async (inspect?: InspectionConfig) => {
    const programs: Program[] = [];
    const trainer = await tinyTrainer({ net: DROPPING, device: telling(programs), inspect });
    trainer.close();
    const states = programs.flatMap(({ buffers }) =>
      buffers.flatMap(({ kind, name }) => kind === "state" ? [name] : [])
    );
    return { trainer, programs, names: programs.map(({ name }) => name), states: new Set(states) };
  };
  const none = await opened();
  assert.equal(none.trainer.inspector, undefined);
  assert.deepEqual(none.names, ["initialise", "step", "evaluate train", "evaluate test"]);
  assert.ok([...none.states].every((name) => !/held|inspect/.test(name)));

  const some = await opened({});
  const all = await opened(INSPECT);
  const looks = ["hold", "inspect outputs", "inspect changes", "inspect along", "put back"];
  assert.deepEqual(all.names, [...none.names, ...looks]);
  assert.deepEqual(some.names, all.names.filter((name) => name !== "inspect along"));
  assert.deepEqual([some, all].map(({ states }) => states.has("held gradients")), [false, true]);

  // What both have is dispatched in the same way.
  const dispatched = ({ programs }: typeof none) =>
    programs.slice(0, 4).map(({ steps, buffers }) => ({
      buffers,
      steps: steps.map(({ label, kernel, slices }) => ({ label, kernel: kernel.name, slices })),
    }));
  assert.deepEqual(dispatched(all), dispatched(none));
});
