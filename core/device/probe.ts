/**
 * The probe asks an adapter, with tiny programs, which liberties its driver takes, and finds the
 * cheapest spelling of multiplication under which sums of products come out as the contract says.
 */
import wgsl from "../../shaders/probe.wgsl" with { type: "text" };
import type { Memory } from "./device.ts";
import type { Kernel, Program, View } from "./program.ts";
import { type Spelling, SPELLINGS } from "./spelling.ts";

/** What the probe found. */
export interface Probe {
  /** The cheapest spelling that holds, `none` when none does. */
  readonly spelling: Spelling | "none";
  /** Plain `a * b + c` is fused into one rounding. */
  readonly fuses: boolean;
  /** `(a + b) - b` is folded to `a`. */
  readonly reassociates: boolean;
  /** Products below 2^-126 become zero. */
  readonly flushesSubnormals: boolean;
}

const COUNT = 1024;
/** Products of a chain of vec4. */
const CHAIN = 64;
const ROWS = 7;
const { fround } = Math;

const kernel: Kernel = {
  name: "probe",
  bindings: [{ type: "f32", access: "read" }, { type: "f32", access: "write" }],
  dispatch: () => ({
    wgsl: `const COUNT = ${COUNT}u;\nconst CHAIN = ${CHAIN}u;\n${wgsl}`,
    workgroups: [COUNT / 64, 1, 1],
  }),
  reference([input, output]: readonly View[]) {
    for (let i = 0; i < COUNT; i++) {
      const a = input![i]!, b = input![COUNT + i]!, c = input![2 * COUNT + i]!;
      const ab = fround(a * b), bc = fround(b * c), ca = fround(c * a);
      output![i] = c + ab;
      output![COUNT + i] = fround(ab + bc) + ca;
      output![2 * COUNT + i] = ab + ca;
      output![3 * COUNT + i] = c + ab;
      output![4 * COUNT + i] = fround(a + b) - b;
      output![5 * COUNT + i] = a * input![3 * COUNT + i]!;
      let sum = 0;
      for (let k = 0; k < CHAIN; k++) {
        sum = fround(sum + fround(input![(i + k) % COUNT]! * input![4 * k + (i & 3)]!));
      }
      output![6 * COUNT + i] = sum;
    }
  },
};

/** The probe as a program; exported for the devices and their tests. */
export const probeProgram: Program = {
  name: "probe",
  buffers: [
    { kind: "state", name: "input", type: "f32", length: 4 * COUNT },
    { kind: "state", name: "output", type: "f32", length: ROWS * COUNT },
  ],
  steps: [{
    kernel,
    label: "probe",
    slices: [{ buffer: 0, offset: 0, length: 4 * COUNT }, {
      buffer: 1,
      offset: 0,
      length: ROWS * COUNT,
    }],
  }],
};

/** Mantissas that make every rounding in the probe happen, from a multiplicative sequence. */
function probeInput(): Float32Array {
  const input = new Float32Array(4 * COUNT);
  let state = 12345;
  for (let i = 0; i < 3 * COUNT; i++) {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    input[i] = (1 + (state >>> 9) * 2 ** -23) * (state & 256 ? -1 : 1);
  }
  for (let i = 0; i < COUNT; i++) input[3 * COUNT + i] = 2 ** -128;
  return input;
}

/** Runs the probe; `load` opens a memory for the probe program under a given spelling. */
export async function probe(load: (spelling: Spelling) => Promise<Memory>): Promise<Probe> {
  const input = probeInput();
  const expected = new Float32Array(ROWS * COUNT);
  kernel.reference([input, expected]);
  let found: Spelling | "none" = "none";
  let rows: boolean[] = [];
  for (const spelling of SPELLINGS) {
    const memory = await load(spelling);
    memory.write("input", input);
    memory.run(probeProgram);
    const output = await memory.read("output");
    memory.close();
    rows = Array.from({ length: ROWS }, (_, row) => sameRow(expected, output, row));
    if (rows[0] && rows[1] && rows[2] && rows[6]) {
      found = spelling;
      break;
    }
  }
  return {
    spelling: found,
    fuses: !rows[3],
    reassociates: !rows[4],
    flushesSubnormals: !rows[5],
  };
}

function sameRow(expected: Float32Array, output: View, row: number): boolean {
  for (let i = row * COUNT; i < (row + 1) * COUNT; i++) if (expected[i] !== output[i]) return false;
  return true;
}
