import assert from "node:assert/strict";
import type { Device } from "../../core/device/device.ts";
import { type Found, locate, type TrainedCell } from "../../core/reproduce/locate.ts";
import { cpu, simd, test, webGpu } from "../ops/harness.ts";
import {
  after,
  CONVOLUTION,
  DENSE,
  edited,
  type Fault,
  planted,
  SMALL_STEPS,
  staged,
} from "./planted.ts";

const STEPS = 6;

/** What is found between two devices within the first steps. */
function find(cell: TrainedCell, a: Device, b: Device): Promise<Found | undefined> {
  return locate(cell, [a, b], cpu, { from: 0, to: STEPS }, () => {});
}

/** A fault, and the step, op and tensor that it must be found at. */
interface Planted {
  readonly what: string;
  readonly cell: TrainedCell;
  readonly fault: Fault;
  readonly step: number;
  readonly label: RegExp;
  readonly tensor: RegExp;
}

const FAULTS: readonly Planted[] = [
  {
    what: "a sum in the wrong order",
    cell: DENSE,
    fault: edited("sum_chunks", "+ k) * INNER", "+ (start + end - 1u - k)) * INNER"),
    step: 1,
    label: /^gradient\/dense2\/sum_chunks$/,
    tensor: /^gradients\/dense2\/bias$/,
  },
  {
    what: "a matrix product in the wrong order",
    cell: DENSE,
    fault: edited(
      "matmul",
      "for (var k = 0u; k < length; k += RUN) {",
      "for (var t = 0u; t < length; t += RUN) {\n    let k = length - RUN - t;",
    ),
    step: 1,
    label: /^dense1\/matmul$/,
    tensor: /^dense1\/matmul$/,
  },
  {
    what: "a convolution in the wrong order",
    cell: CONVOLUTION,
    fault: edited(
      "conv2d",
      "for (var in_layer = 0u; in_layer < SEGMENTS; in_layer++) {",
      "for (var t = 0u; t < SEGMENTS; t++) {\n    let in_layer = SEGMENTS - 1u - t;",
    ),
    step: 1,
    label: /^conv2d1\/conv2d$/,
    tensor: /^conv2d1\/conv2d$/,
  },
  {
    what: "a built-in exp in softmax",
    cell: DENSE,
    fault: edited("softmax_cross_entropy_both", "contract_exp(logits", "exp(logits"),
    step: 1,
    label: /^softmax_cross_entropy$/,
    tensor: /^softmax_cross_entropy$/,
  },
  {
    what: "a built-in exp in sigmoid",
    cell: CONVOLUTION,
    fault: edited("sigmoid", "contract_exp(bitcast", "exp(bitcast"),
    step: 1,
    label: /^conv2d1\/conv2d$/,
    tensor: /^conv2d1\/conv2d$/,
  },
  {
    what: "the integer test that makes small numbers zero, dropped,",
    cell: SMALL_STEPS,
    fault: edited("sgd", "flush(parameters[i]", "(parameters[i]"),
    step: 1,
    label: /^sgd\/sgd$/,
    tensor: /^dense1\/bias$/,
  },
  {
    what: "Adam's second moment, its products in another order",
    cell: DENSE,
    fault: edited("adam", "mul(scalars[3], square)", "mul(barrier(mul(scalars[3], g)), g)"),
    step: 1,
    label: /^adam\/adam$/,
    tensor: /^second moment\/dense1\/weights$/,
  },
  {
    what: "a fault of Adam's that begins at step 5",
    cell: DENSE,
    fault: edited(
      "adam",
      "mul(scalars[4], step)",
      "mul(scalars[4], step) * select(1.0, 1.0000001, scalars[5] < 15.0)",
    ),
    step: 5,
    label: /^adam\/adam$/,
    tensor: /^dense1\/weights$/,
  },
  {
    what: "parameters drawn otherwise",
    cell: DENSE,
    fault: edited(
      "random",
      "random_uniform(stream, step[0], i)",
      "random_uniform(stream, step[0], i ^ 1u)",
    ),
    step: 0,
    label: /^dense1\/weights\/random$/,
    tensor: /^dense1\/weights\/random$/,
  },
];

for (const { what, cell, fault, step, label, tensor } of FAULTS) {
  test(`on WGSL ${what} is found by step, op and tensor`, async () => {
    const device = planted(await webGpu(), fault);
    const found = await find(cell, simd, device);
    assertFound(found, { step, label, tensor, agrees: "A" });
  });
}

function assertFound(
  found: Found | undefined,
  { step, label, tensor, agrees }: Pick<Planted, "step" | "label" | "tensor"> & { agrees: string },
): void {
  assert.ok(found?.op, "nothing was found");
  const { op } = found;
  assert.equal(found.step, step);
  assert.match(op.label, label);
  assert.deepEqual(op.inputs, []);
  const [first] = op.tensors;
  assert.match(first!.name, tensor);
  assert.ok(first!.differing > 0);
  assert.equal(op.agrees, agrees);
  for (const { index, a, b, cpu } of first!.elements) {
    assert.equal(index.length, first!.shape.length);
    assert.ok(index.every((i, axis) => i < first!.shape[axis]!));
    assert.notEqual(a.bits, b.bits);
    assert.deepEqual(cpu, agrees === "A" ? a : b);
  }
}

test("a sound pair of devices has no difference", async () => {
  for (const cell of [DENSE, CONVOLUTION]) {
    assert.equal(await find(cell, simd, await webGpu()), undefined);
    assert.equal(await find(cell, cpu, simd), undefined);
  }
});

test("a barrier between the invocations of a workgroup, dropped, is found", async () => {
  const gpu = await webGpu();
  const sound = planted(gpu, staged());
  assert.equal(await find(CONVOLUTION, cpu, sound), undefined);
  const dropped = planted(gpu, staged(edited("conv2d", "workgroupBarrier();", "")));
  assertFound(await find(CONVOLUTION, dropped, sound), {
    step: 1,
    label: /^conv2d1\/conv2d$/,
    tensor: /^conv2d1\/conv2d$/,
    agrees: "B",
  });
});

test("a fault of the cpu device's is found as well, and WGSL is right", async () => {
  const faulty = planted(simd, after("gather_images", (views) => views.at(-1)![3] = 0.5));
  assertFound(await find(DENSE, faulty, await webGpu()), {
    step: 1,
    label: /^batch\/gather_images$/,
    tensor: /^batch\/gather_images$/,
    agrees: "B",
  });
});

test("data that were put there wrongly are named, and not the op that reads them", async () => {
  const device: Device = {
    ...simd,
    async load(programs) {
      const memory = await simd.load(programs);
      return {
        ...memory,
        write(name, data, offset) {
          memory.write(
            name,
            name === "train labels" ? data.map((label) => 9 - label) : data,
            offset,
          );
        },
      };
    },
  };
  const found = await find(DENSE, cpu, device);
  assert.equal(found?.step, 1);
  assert.deepEqual(found.op?.inputs.map(({ name }) => name), ["train labels"]);
  assert.equal(found.op.agrees, "A");
});

test("a step that differs only as a whole is named, with what it left", async () => {
  // A race between two ops: none where each is waited for.
  const racing: Device = {
    ...simd,
    async load(programs) {
      const memory = await simd.load(programs);
      return {
        ...memory,
        run(program, times) {
          memory.run(program, times);
          if (program.name === "step" && program.steps.length > 1) {
            memory.write("parameters", Float32Array.of(0.125), 7);
          }
        },
      };
    },
  };
  const found = await find(DENSE, cpu, racing);
  assert.equal(found?.step, 1);
  assert.equal(found.op, undefined);
  const [tensor] = found.after;
  assert.deepEqual([tensor!.name, tensor!.differing], ["dense1/weights", 1]);
  assert.deepEqual(tensor!.elements[0]!.index, [0, 7]);
});
