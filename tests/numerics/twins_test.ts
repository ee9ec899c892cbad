/** The WGSL twins of core/numerics give its bits, over every exponent and densely where it counts. */
import { exp, expm1 } from "../../core/numerics/exp.ts";
import { log, log1p } from "../../core/numerics/log.ts";
import { reciprocal } from "../../core/numerics/reciprocal.ts";
import { rsqrt, sqrt } from "../../core/numerics/rsqrt.ts";
import { sigmoid } from "../../core/numerics/sigmoid.ts";
import { tanh } from "../../core/numerics/tanh.ts";
import { cos, sin } from "../../core/numerics/trig.ts";
import { flush } from "../../core/numerics/bits.ts";
import expText from "../../shaders/lib/exp.wgsl" with { type: "text" };
import logText from "../../shaders/lib/log.wgsl" with { type: "text" };
import reciprocalText from "../../shaders/lib/reciprocal.wgsl" with { type: "text" };
import rsqrtText from "../../shaders/lib/rsqrt.wgsl" with { type: "text" };
import sigmoidText from "../../shaders/lib/sigmoid.wgsl" with { type: "text" };
import tanhText from "../../shaders/lib/tanh.wgsl" with { type: "text" };
import trigText from "../../shaders/lib/trig.wgsl" with { type: "text" };
import { around, spread, wholeRange } from "./floats.ts";
import { testTwin } from "./twin.ts";

const f = Math.fround;
const FACTOR = f(1.7), TERM = f(1.3);

function test(
  name: string,
  reference: (x: number) => number,
  libraries: readonly string[],
  dense: readonly [number, number],
  ends: readonly number[],
  [least, greatest]: readonly [number, number] = [-Infinity, Infinity],
) {
  const inputs = [...wholeRange(), ...spread(...dense), ...around(...ends)];
  testTwin({
    name: `${name}() gives the reference's bits in WGSL`,
    libraries,
    expression: `contract_${name}(x)`,
    type: "f32",
    // NaN too.
    inputs: new Float32Array(inputs.filter((x) => !(x < least || x > greatest))),
    reference,
  });
  testTwin({
    name: `${name}() keeps its bits in WGSL between a caller's product and sum`,
    libraries,
    expression: `1.3 + contract_${name}(1.7 * x)`,
    type: "f32",
    inputs: spread(...dense),
    reference: (x) => f(TERM + reference(f(FACTOR * x))),
  });
}

testTwin({
  name: "flush() gives the reference's bits in WGSL",
  libraries: [],
  expression: "flush(x)",
  type: "f32",
  inputs: wholeRange(),
  reference: flush,
});
test("exp", exp, [expText], [-90, 90], [88.72283, -87.33654]);
test("log", log, [logText], [0, 3], [2 ** -126, Math.SQRT1_2, 1, Math.SQRT2]);
test("expm1", expm1, [expText], [-20, 0], [-0.34657, -18], [-Infinity, 0]);
test("log1p", log1p, [logText], [0, 0.588], [0.41421357, ...spread(0.588, 1, 4096)], [0, 1]);
test("sin", sin, [trigText], [-8192, 8192], [2 ** -12, Math.PI, 8192]);
test("cos", cos, [trigText], [-20, 20], [2 ** -12, Math.PI / 2, 8192]);
test("reciprocal", reciprocal, [reciprocalText], [1, 2], [2 ** -126, 1, 2 ** 126]);
test("rsqrt", rsqrt, [rsqrtText], [1, 4], [2 ** -126, 1, 4]);
test("sqrt", sqrt, [rsqrtText], [1, 4], [2 ** -126, 1, 4]);
test("tanh", tanh, [expText, reciprocalText, tanhText], [-10, 10], [2 ** -12, 0.625, 9.0625]);
test("sigmoid", sigmoid, [expText, reciprocalText, sigmoidText], [-90, 20], [-87.33654, 16.64]);
