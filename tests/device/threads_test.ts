/** The same bits on any number of threads, and threads that end. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { openCpu } from "../../core/device/cpu.ts";
import { type Bound, place } from "../../core/device/placing.ts";
import { cut } from "../../core/device/threads.ts";
import { gradients } from "../../core/graph/gradients.ts";
import type { Graph } from "../../core/graph/graph.ts";
import { adamOp } from "../../core/ops/adam.ts";
import { add } from "../../core/ops/arithmetic.ts";
import { conv2d } from "../../core/ops/conv2d.ts";
import { gatherImages } from "../../core/ops/gather_images.ts";
import { matmul } from "../../core/ops/matmul.ts";
import { maxMagnitude } from "../../core/ops/max_magnitude.ts";
import { maxPool } from "../../core/ops/max_pool.ts";
import type { Value } from "../../core/ops/op.ts";
import { relu } from "../../core/ops/relu.ts";
import { sigmoid } from "../../core/ops/sigmoid.ts";
import { sum } from "../../core/ops/sum.ts";
import { type Case, sameOn } from "../ops/harness.ts";
import { Numbers } from "../ops/numbers.ts";

const numbers = new Numbers(7);
const tensor = (...shape: number[]) => numbers.tensor(shape, {});

/** A net's result, and the gradient of its sum with respect to each input. */
function withGradients(shapes: number[][], net: (...inputs: Value[]) => Value): Case {
  return {
    inputs: shapes.map((shape) => tensor(...shape)),
    emit(inputs) {
      const y = net(...inputs);
      return [y, ...gradients(y.builder as Graph, sum(y), inputs)];
    },
  };
}

/** Each large enough that several threads share it, with sizes that nothing divides. */
const CASES: Readonly<Record<string, Case>> = {
  "a dense layer": withGradients(
    [[97, 301], [301, 83], [83]],
    (x, weights, bias) => relu(add(matmul(x!, weights!), bias!)),
  ),
  "a convolution": withGradients(
    [[3, 29, 31, 5], [3, 3, 5, 14], [14]],
    (x, weights, bias) => relu(add(conv2d(x!, weights!), bias!)),
  ),
  "a padded convolution in strides": withGradients(
    [[3, 37, 31, 6], [5, 4, 6, 13]],
    (x, weights) => conv2d(x!, weights!, { stride: 3, padding: "same" }),
  ),
  "convolutions and pools in a row": withGradients(
    [[5, 23, 21, 9], [3, 3, 9, 10], [2, 2, 10, 7]],
    (x, first, second) => {
      const pooled = maxPool(relu(conv2d(x!, first!, { padding: 1 })), { size: 3, stride: 2 });
      return maxPool(sigmoid(conv2d(pooled, second!)), { size: 2 });
    },
  ),
  "more functions in a row than a phase has room for": {
    inputs: [tensor(101, 703)],
    emit: ([x]) => Array.from({ length: 20 }).reduce<Value>((y) => relu(y), x!),
  },
  "sums": {
    inputs: [tensor(37, 613, 11)],
    emit: ([x]) => [sum(x!, [0, 1]), sum(x!, [1]), sum(x!), maxMagnitude(x!)],
  },
  "an update by Adam": {
    inputs: [tensor(40_001), tensor(40_001), tensor(40_001), {
      shape: [40_001],
      data: tensor(40_001).data.map(Math.abs) as Float32Array,
    }, { shape: [7], data: new Float32Array([0.9, 0.1, 0.999, 0.001, 0.01, 1.5, 1e-7]) }],
    emit: (inputs) => inputs[0]!.builder.effect(adamOp, inputs, {}),
  },
  "a batch of images": {
    inputs: [
      numbers.indices(67, 90),
      tensor(3, 256),
      ...[50, 35].map((records) => numbers.indices(records * 263, 2 ** 32)),
    ],
    emit: ([indices, table, ...shards]) =>
      gatherImages(indices!, table!, shards, {
        image: [25, 14, 3],
        records: 85,
        perShard: 50,
      }),
  },
};

// No shared harness device here, so that Deno's sanitizers see every worker that is left over.
for (const [name, tested] of Object.entries(CASES)) {
  Deno.test(`${name}: 1, 2, 3 and 5 threads give the reference's bits`, async () => {
    const devices = [1, 2, 3, 5].map((threads) => openCpu(`${threads} threads`, { threads }));
    try {
      // Again once the workers have come up.
      for (let i = 0; i < 2; i++) await sameOn(devices, tested);
    } finally {
      for (const device of devices) device.close();
    }
  });
}

/** Runs a shared case on three threads, with some of the page's abilities replaced. */
async function withGlobals(replaced: Record<string, unknown>): Promise<void> {
  const original = Object.fromEntries(
    Object.keys(replaced).map((name) => [name, Reflect.get(globalThis, name)]),
  );
  Object.assign(globalThis, replaced);
  const device = openCpu("crippled", { threads: 3 });
  try {
    await sameOn([device], CASES["a dense layer"]!);
  } finally {
    Object.assign(globalThis, original);
    device.close();
  }
}

Deno.test("where there are no workers, one thread does everything", async () => {
  await withGlobals({
    Worker: class {
      constructor() {
        throw new TypeError("no workers here");
      }
    },
  });
});

Deno.test("where workers may not have the memory, one thread does everything", async () => {
  let terminated = 0;
  await withGlobals({
    Worker: class {
      postMessage() {
        throw new DOMException("the page is not isolated", "DataCloneError");
      }
      terminate() {
        terminated++;
      }
    },
  });
  assert.equal(terminated, 1);
});

Deno.test("small work starts no worker, and a device closes before and without any", async () => {
  let started = 0;
  const { Worker } = globalThis;
  globalThis.Worker = class extends Worker {
    constructor(...of: ConstructorParameters<typeof Worker>) {
      super(...of);
      started++;
    }
  };
  try {
    const small = openCpu("small", { threads: 3 });
    await sameOn([small], withGradients([[5, 6], [6, 7]], (a, b) => matmul(a!, b!)));
    assert.equal(started, 0);
    small.close();
    const large = openCpu("large", { threads: 3 });
    await sameOn([large], CASES["a dense layer"]!);
    assert.equal(started, 2);
    large.close();
    await sameOn([large], CASES["a dense layer"]!);
    assert.equal(started, 2);
    openCpu("idle").close();
  } finally {
    globalThis.Worker = Worker;
  }
});

Deno.test("cut() covers all units once, in whole grains, in at most 255 ranges", () => {
  fc.assert(fc.property(
    fc.record({
      units: fc.nat(10_000_000),
      grain: fc.integer({ min: 1, max: 64 }),
      work: fc.nat(),
    }),
    fc.integer({ min: 1, max: 300 }),
    (phase, threads) => {
      const { perRange, ranges } = cut(phase, threads);
      assert.ok(ranges <= 255 && perRange % phase.grain === 0);
      assert.ok(ranges * perRange >= phase.units && (ranges - 1) * perRange < phase.units);
    },
  ));
});

Deno.test("scratch is one block as large as the greediest kernel needs, a table is placed once", () => {
  const table = Uint32Array.of(1, 2, 3);
  const kernel = (bytes: number): Bound => ({
    addresses: [1000],
    phases: [{
      units: 1,
      work: 1,
      calls: [{
        entry: "pad",
        arguments: [{ binding: 0 }, { scratch: 64, bytes }, { table }, { table }, 5],
      }],
    }],
  });
  const allocated: number[] = [], stored: number[][] = [];
  place([kernel(100), kernel(300)], 1, (bytes) => {
    allocated.push(bytes);
    return 5000;
  }, (words) => stored.push([...words]) * 10_000);
  assert.deepEqual(allocated, [364]);
  assert.deepEqual(stored, [
    [1, 2, 3],
    [1000, 5064, 10_000, 10_000, 5],
    [1000, 5064, 10_000, 10_000, 5],
  ]);
});
