/** Runs a WGSL expression over many elements and compares it with its TypeScript reference. */
import assert from "node:assert/strict";
import type { Kernel, Program, View } from "../../core/device/program.ts";
import { type Spelling, SPELLINGS } from "../../core/device/spelling.ts";
import { canonicalBits } from "../../core/numerics/bits.ts";
import { openExpected } from "../ops/harness.ts";

/** A WGSL text and its reference, element by element. */
export interface Twin {
  /** The sentence that names the test. */
  readonly name: string;
  /** The files of `shaders/lib` it needs. */
  readonly libraries: readonly string[];
  /** WGSL of type f32 or u32, in terms of `x: f32`, the input at `i: u32`. */
  readonly expression: string;
  readonly type: "f32" | "u32";
  readonly inputs: Float32Array<ArrayBuffer>;
  reference(x: number, i: number): number;
}

/**
 * Registers one test for each spelling of multiplication: where it holds on the adapter, the WGSL
 * gives the reference's bits, where -0 is taken as +0 and every NaN as one.
 */
export function testTwin(twin: Twin): void {
  for (const spelling of SPELLINGS) {
    Deno.test(`${twin.name} (${spelling} products)`, () => compare(twin, spelling));
  }
}

/** Whether a spelling holds on an adapter: the probed one, the cheapest, and all stronger ones. */
function holds(spelling: Spelling, probed: Spelling | "none"): boolean {
  return probed !== "none" && SPELLINGS.indexOf(spelling) >= SPELLINGS.indexOf(probed);
}

async function compare(twin: Twin, spelling: Spelling): Promise<void> {
  const program = programOf(twin);
  const device = await openExpected(spelling);
  try {
    if (!holds(spelling, device.probe.spelling)) return;
    const memory = await device.load([program]);
    memory.write("input", twin.inputs);
    memory.run(program);
    const actual = await memory.read("output");
    const expected = actual.slice();
    program.steps[0]!.kernel.reference([twin.inputs, expected]);
    const actualBits = canonicalBits(actual), expectedBits = canonicalBits(expected);
    const differing = expectedBits.findIndex((bits, i) => bits !== actualBits[i]);
    if (differing >= 0) {
      assert.fail(
        `input ${twin.inputs[differing]} at ${differing}: WGSL gives ${actual[differing]}, ` +
          `the reference ${expected[differing]}`,
      );
    }
  } finally {
    device.close();
  }
}

function programOf({ name, libraries, expression, type, inputs, reference }: Twin): Program {
  const length = inputs.length;
  const kernel: Kernel = {
    name,
    dispatch: () => ({
      workgroups: [Math.ceil(length / 64), 1, 1],
      wgsl: `${libraries.join("\n")}
@group(0) @binding(0) var<storage, read> input: array<f32>;
@group(0) @binding(1) var<storage, read_write> output: array<${type}>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  if (i >= ${length}u) { return; }
  let x = input[i];
  output[i] = ${expression};
}`,
    }),
    bindings: [{ type: "f32", access: "read" }, { type, access: "write" }],
    reference([input, output]: readonly View[]) {
      for (let i = 0; i < length; i++) output![i] = reference(input![i]!, i);
    },
  };
  return {
    name,
    buffers: [
      { kind: "state", name: "input", type: "f32", length },
      { kind: "state", name: "output", type, length },
    ],
    steps: [{
      kernel,
      label: name,
      slices: [{ buffer: 0, offset: 0, length }, { buffer: 1, offset: 0, length }],
    }],
  };
}
