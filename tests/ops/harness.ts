/**
 * Runs an op by its reference, by its SIMD kernel and on WebGPU, from the same numbers and with every
 * buffer full of NaN before, and compares all buffers bit by bit.
 *
 * Settings, from the environment: SAMEBITS_TEST_ADAPTER names the adapter that must be there (part
 * of its name), SAMEBITS_TEST_RUNS the random shapes per test (20), SAMEBITS_TEST_SEED their seed,
 * SAMEBITS_TEST_SPELLING a spelling of products other than the one that the probe chose,
 * SAMEBITS_TEST_STEPS the training steps of every arm of every experiment (10 of the main arms).
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { openCpu } from "../../core/device/cpu.ts";
import type { Device } from "../../core/device/device.ts";
import type { Adapter, View } from "../../core/device/program.ts";
import type { Spelling } from "../../core/device/spelling.ts";
import { openWebGpu, type WebGpuDevice } from "../../core/device/webgpu.ts";
import { compile, type CompiledProgram } from "../../core/graph/compile.ts";
import { Graph } from "../../core/graph/graph.ts";
import { canonicalBits, flush } from "../../core/numerics/bits.ts";
import { show, size, type Value } from "../../core/ops/op.ts";
import { Numbers, type Tensor } from "./numbers.ts";

/** Random shapes per test. */
export const RUNS = Number(Deno.env.get("SAMEBITS_TEST_RUNS") ?? 20);
/** Seed of everything random in this file's tests. */
export const SEED = Number(Deno.env.get("SAMEBITS_TEST_SEED") ?? Date.now() % 2 ** 31);

/** The reference's device. */
export const cpu: Device = openCpu("reference", { referencesOnly: true });

/** The SIMD kernels' device, with more threads than a phase may have ranges for. */
export const simd: Device = openCpu("simd", { threads: 3 });

let opened: Promise<WebGpuDevice> | undefined;

/**
 * The adapter under test, opened once per file.
 *
 * @throws {Error} when it is missing or not the one that SAMEBITS_TEST_ADAPTER names.
 */
export function webGpu(): Promise<WebGpuDevice> {
  return opened ??= openAndAnnounce();
}

async function openAndAnnounce(): Promise<WebGpuDevice> {
  const device = await openExpected(
    Deno.env.get("SAMEBITS_TEST_SPELLING") as Spelling | undefined,
  );
  const { name, spelling } = device.info;
  console.log(`seed ${SEED}, ${RUNS} random shapes, on ${name}, ${spelling} products`);
  return device;
}

/**
 * Opens the adapter under test anew, e.g. under a forced spelling.
 *
 * @throws {Error} when it is missing or not the `expected` one.
 */
export async function openExpected(
  spelling?: Spelling,
  expected = Deno.env.get("SAMEBITS_TEST_ADAPTER"),
): Promise<WebGpuDevice> {
  const device = await openWebGpu(spelling);
  const { name } = device.info;
  if (expected && !name.toLowerCase().includes(expected.toLowerCase())) {
    device.close();
    throw new Error(`these tests are for the adapter "${expected}", but "${name}" was found`);
  }
  return device;
}

Deno.test.afterAll(async () => {
  simd.close();
  (await opened?.catch(() => undefined))?.close();
});

/** Registers a test; the shared device outlives it, which Deno's sanitizers would report. */
export function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

/** An op with its numbers. */
export interface Case {
  readonly inputs: readonly Tensor[];
  /** Emits the op; what it returns becomes `output0`, `output1` and so on. */
  emit(inputs: readonly Value[]): Value | readonly Value[] | void;
}

/** All states of a program after a run, by name; inputs are `input0` and so on. */
export type States = ReadonlyMap<string, View>;

/** Compiles a case: inputs are states `input0`, `input1` and so on, each filled by a leaf. */
export function build({ inputs, emit }: Case): CompiledProgram {
  const graph = new Graph();
  const leaves = inputs.map(({ shape, data }, i) =>
    graph.leaf({ name: `input${i}`, type: typeOf(data), length: data.length }, shape)
  );
  const outputs = [emit(leaves) ?? []].flat() as Value[];
  outputs.forEach((value, i) =>
    graph.place(value, { name: `output${i}`, type: value.type, length: size(value.shape) })
  );
  return compile(graph, "test");
}

function typeOf(data: View): "f32" | "u32" {
  return data instanceof Uint32Array ? "u32" : "f32";
}

/** Runs a program once on a device whose buffers are all NaN but for `written`. */
export async function execute(
  device: Device,
  program: CompiledProgram,
  written: ReadonlyMap<string, View>,
): Promise<States> {
  const memory = await device.load([program]);
  try {
    for (const { name, type, length } of program.buffers) {
      memory.write(
        name,
        type === "u32"
          ? new Uint32Array(length).fill(0x7fc00000)
          : new Float32Array(length).fill(NaN),
      );
    }
    const names = new Set(program.buffers.map(({ name }) => name));
    for (const [name, data] of [...program.initial, ...written]) {
      if (names.has(name)) memory.write(name, data);
    }
    memory.run(program);
    const states = program.buffers.filter(({ kind }) => kind === "state");
    return new Map(
      await Promise.all(states.map(async ({ name }) => [name, await memory.read(name)] as const)),
    );
  } finally {
    memory.close();
  }
}

/** Runs a case by its reference only. */
export function reference(tested: Case): Promise<States> {
  return execute(cpu, build(tested), written(tested));
}

/** Runs a program by the references and as it is for each device, and compares all states. */
async function compared(
  tested: Case,
  others: readonly { readonly device: Device; readonly adapter?: Adapter | undefined }[],
): Promise<States> {
  const program = build(tested);
  const expected = await execute(cpu, program, written(tested));
  const shapes = tested.inputs.map(({ shape }) => show(shape)).join(", ");
  for (const { device, adapter } of others) {
    const tuned = adapter ? tunedTo(adapter, program) : program;
    const actual = await execute(device, tuned, written(tested));
    for (const [name, view] of expected) {
      const what = `${name} by ${device.info.name} (inputs ${shapes})`;
      assertSameBits(actual.get(name)!, view, what);
    }
  }
  return expected;
}

/** Runs a case by its reference and on the given devices and compares all states. */
export function sameOn(devices: readonly Device[], tested: Case): Promise<States> {
  return compared(tested, devices.map((device) => ({ device })));
}

/**
 * Runs a case by references, SIMD and WGSL and compares all states; returns the reference's. The
 * WGSL is that for `adapter`, if it is given, on whatever adapter it runs.
 */
export async function both(tested: Case, adapter?: Adapter): Promise<States> {
  return await compared(tested, [{ device: simd }, { device: await webGpu(), adapter }]);
}

function tunedTo(adapter: Adapter, program: CompiledProgram): CompiledProgram {
  const steps = program.steps.map((step) => {
    const dispatch = () => step.kernel.dispatch(adapter);
    return { ...step, kernel: { ...step.kernel, dispatch } };
  });
  return { ...program, steps };
}

function written({ inputs }: Case): Map<string, View> {
  return new Map(inputs.map(({ data }, i) => [`input${i}`, data]));
}

/** Fails with the first element whose bits differ; the sign of zero is no part of a value. */
export function assertSameBits(actual: View, expected: View, what: string): void {
  assert.equal(actual.length, expected.length, `${what}: lengths differ`);
  const [left, right] = [canonicalBits(actual), canonicalBits(expected)];
  const at = right.findIndex((bits, i) => bits !== left[i]);
  if (at === -1) return;
  const hex = (bits: number) => `0x${bits.toString(16).padStart(8, "0")}`;
  assert.fail(
    `${what}: element ${at} is ${actual[at]} (${hex(left[at]!)}), ` +
      `the reference says ${expected[at]} (${hex(right[at]!)})`,
  );
}

/** Registers a test of a property over random parameters and the numbers that follow from a seed. */
export function property<T>(
  name: string,
  parameters: fc.Arbitrary<T>,
  holds: (parameters: T, numbers: Numbers) => void | Promise<void>,
): void {
  test(name, () =>
    fc.assert(
      fc.asyncProperty(parameters, fc.noShrink(fc.nat()), async (drawn, seed) => {
        await holds(drawn, new Numbers(seed));
      }),
      { numRuns: RUNS, seed: SEED },
    ));
}

/** Registers the test that WebGPU gives the reference's bits over random parameters. */
export function sameBits<T>(
  name: string,
  parameters: fc.Arbitrary<T>,
  toCase: (parameters: T, numbers: Numbers) => Case,
): void {
  property(name, parameters, async (drawn, numbers) => {
    await both(toCase(drawn, numbers));
  });
}

/** The products that an output is the sum of, in the order of its contract. */
export type Products = readonly (readonly [number, number])[];

/** A sum of products in one chain; a product and its sum are rounded together where `fused`. */
export function chain(products: Products, fused = false): number {
  let sum = 0;
  for (const [a, b] of products) {
    sum = Math.fround(sum + (fused ? a * b : Math.fround(a * b)));
  }
  return sum;
}

/**
 * Shows that the case's numbers make rounding happen: both devices give each output as one chain in
 * the stated order, while the reversed order and fused products would each give other bits.
 */
export async function provesItsOrder(tested: Case, outputs: readonly Products[]): Promise<void> {
  const expected = (await both(tested)).get("output0")!;
  const sums = (of: (products: Products) => number) => Float32Array.from(outputs, of).map(flush);
  assertSameBits(expected, sums((products) => chain(products)), "the stated order");
  const differs = (other: Float32Array) => other.some((sum, i) => sum !== expected[i]);
  assert.ok(differs(sums((products) => chain(products.toReversed()))), "the order shows nowhere");
  assert.ok(differs(sums((products) => chain(products, true))), "fused products show nowhere");
}
