/** The WGSL twins of core/random give its bits. */
import { normal, stream, uniform, word } from "../../core/random/streams.ts";
import logText from "../../shaders/lib/log.wgsl" with { type: "text" };
import philoxText from "../../shaders/lib/philox.wgsl" with { type: "text" };
import rsqrtText from "../../shaders/lib/rsqrt.wgsl" with { type: "text" };
import trigText from "../../shaders/lib/trig.wgsl" with { type: "text" };
import { testTwin } from "../numerics/twin.ts";

const COUNT = 2 ** 17;
const s = stream(0xdeadbeef, "noise");
const key = `vec2<u32>(${s.key[0]}u, ${s.key[1]}u)`;
/** Steps and elements of every size, from the element's own index. */
const step = (i: number) => Math.imul(i, 0x9e3779b1) >>> (i & 31);
const element = (i: number) => Math.imul(i, 0x85ebca6b) >>> ((i >>> 5) & 31);
const place = "(i * 0x9e3779b1u) >> (i & 31u), (i * 0x85ebca6bu) >> ((i >> 5u) & 31u)";

for (
  const [name, type, reference] of [
    ["word", "u32", word],
    ["uniform", "f32", uniform],
    ["normal", "f32", normal],
  ] as const
) {
  testTwin({
    name: `${name}() gives the reference's bits in WGSL`,
    libraries: [logText, rsqrtText, trigText, philoxText],
    expression: `random_${name}(${key}, ${place})`,
    type,
    inputs: new Float32Array(COUNT),
    reference: (_, i) => reference(s, step(i), element(i)),
  });
}
