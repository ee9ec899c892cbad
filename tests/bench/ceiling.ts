/**
 * What an adapter can do at most, in plain WGSL: multiply-adds that wait for nothing but each other,
 * and copying from memory to memory.
 */
import type { Device } from "../../core/device/device.ts";
import type { Kernel, Program } from "../../core/device/program.ts";
import { plan } from "./contestant.ts";
import { type Figure, figure } from "./figures.ts";
import { type KernelProgram, prepareKernel } from "./ours.ts";
import { failed, repeat, type Row, row } from "./row.ts";

const WORKGROUP = 64;
/** As many as the largest GPUs hold at a time. */
const INVOCATIONS = 2 ** 18;
/** Chains of vec4 in an invocation: few do not hide an addition's delay, many do not fit registers. */
const CHAINS = [4, 8];
/** Multiply-adds of a chain. */
const LENGTH = 512;
/** Of them in a turn of the loop; with more, lavapipe is slower again. */
const UNROLL = 8;
/** Large enough for no cache to hold, small enough for WebGPU's default limits. */
const COPIED_BYTES = 2 ** 26;

/** The row that the share of the ceiling is taken of. */
export const CEILING = "ceiling, multiply-adds";

/** Both ceilings of an adapter. */
export async function ceilingRows(device: Device, rounds: number): Promise<Row[]> {
  const arithmetic = {
    name: CEILING,
    unit: "GFLOP/s",
    how: `s * a + b in plain WGSL, the best of ${CHAINS.join(" and ")} chains of vec4`,
  };
  const copy = { name: "ceiling, copy", unit: "GB/s", how: "read and written, in plain WGSL" };
  try {
    if (device.info.kind === "cpu") throw new TypeError("the cpu device has no such probe");
    const figures: Figure[] = [];
    for (const chains of CHAINS) {
      const operations = 2 * 4 * chains * LENGTH * INVOCATIONS;
      figures.push(figure(await perSecond(device, multiplyAdds(chains), operations, rounds)));
    }
    const best = figures.reduce((a, b) => a.median! > b.median! ? a : b);
    return [
      { ...arithmetic, ...best, error: null },
      await row(copy, () => perSecond(device, copying(), 2 * COPIED_BYTES, rounds)),
    ];
  } catch (error) {
    return [failed(arithmetic, error), failed(copy, error)];
  }
}

/** Billions of `amount` a run per second. */
async function perSecond(device: Device, kernel: KernelProgram, amount: number, rounds: number) {
  const prepared = await prepareKernel(device, kernel);
  try {
    const { runs } = await plan(prepared);
    return await repeat(rounds, async () => amount * runs / await prepared.run(runs) / 1e9);
  } finally {
    prepared.close();
  }
}

function multiplyAdds(count: number): KernelProgram {
  const each = (line: (i: number) => string) => Array.from({ length: count }, (_, i) => line(i));
  return kernelProgram("multiply_adds", [INVOCATIONS / WORKGROUP, 1], 256, INVOCATIONS * 4, [
    "let a = input[id.x & 63u];",
    "let b = input[(id.x + 1u) & 63u];",
    ...each((i) => `var s${i} = input[(id.x + ${i + 2}u) & 63u];`),
    `for (var i = 0u; i < ${LENGTH / UNROLL}u; i++) {`,
    ...Array(UNROLL).fill(each((i) => `s${i} = s${i} * a + b;`).join(" ")),
    "}",
    `output[id.x] = ${each((i) => `s${i}`).join(" + ")};`,
  ]);
}

function copying(): KernelProgram {
  const length = COPIED_BYTES / 4;
  const groups = length / 4 / WORKGROUP;
  const rows = 256;
  return kernelProgram("copy", [groups / rows, rows], length, length, [
    `let i = id.y * ${length / 4 / rows}u + id.x;`,
    "output[i] = input[i];",
  ]);
}

function kernelProgram(
  name: string,
  [x, y]: readonly [number, number],
  read: number,
  written: number,
  body: readonly string[],
): KernelProgram {
  const kernel: Kernel = {
    name,
    dispatch: () => ({
      workgroups: [x, y, 1],
      wgsl: `
@group(0) @binding(0) var<storage, read> input: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> output: array<vec4<f32>>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
${body.join("\n")}
}`,
    }),
    bindings: [{ type: "f32", access: "read" }, { type: "f32", access: "write" }],
    reference() {
      throw new TypeError(`${name}: only an adapter is asked for its ceiling`);
    },
  };
  const input = { name: "input", type: "f32", length: read } as const;
  const output = { name: "output", type: "f32", length: written } as const;
  const program: Program = {
    name,
    buffers: [{ kind: "state", ...input }, { kind: "state", ...output }],
    steps: [{
      kernel,
      label: name,
      slices: [{ buffer: 0, offset: 0, length: read }, { buffer: 1, offset: 0, length: written }],
    }],
  };
  return { program, inputs: [input], result: output.name };
}
