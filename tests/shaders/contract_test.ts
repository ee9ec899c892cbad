/** No shader does what the arithmetic contract forbids, and the rules find what does. */
import assert from "node:assert/strict";
import { prelude } from "../../core/device/spelling.ts";
import { test } from "../ops/harness.ts";
import { type Finding, RULES, watch } from "./contract.ts";
import { EXEMPTIONS } from "./exemptions.ts";
import { read } from "./reader.ts";
import { kernelTexts, oneTurn, preludes, shaderFiles, type Text, twins } from "./texts.ts";

const SPELLED = prelude("fused");
const CONTRACT = "shaders/lib/contract.wgsl";

/** A function around a snippet, with what the snippets use. */
const around = (body: string) => `
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> words: array<u32>;

fn scaled(x: f32) -> f32 {
  return mul(x, 1.7);
}

fn f(x: f32, z: f32, w: f32, i: u32, s: i32) -> f32 {
  ${body}
}`;

/** For each rule what it must find, each by itself, and what is near and allowed. */
const SNIPPETS: Readonly<Record<string, { bad: readonly string[]; good: readonly string[] }>> = {
  "only built-ins that give the same everywhere": {
    bad: [
      ..."exp exp2 log log2 sqrt inverseSqrt sin cos tan tanh asin acos atan sinh cosh".split(" ")
        .map((name) => `return ${name}(x);`),
      ..."round fract degrees radians quantizeToF16 dpdx fwidth subgroupAdd".split(" ")
        .map((name) => `return ${name}(x);`),
      ..."pow atan2 step dot distance cross reflect".split(" ").map((name) =>
        `return ${name}(x, z);`
      ),
      "return mix(x, z, w);",
      "return smoothstep(x, z, w);",
      "return length(vec2<f32>(x, z));",
      "return normalize(vec2<f32>(x, z)).x;",
      "return unpack2x16float(i).x;",
      "return f32(pack2x16float(vec2<f32>(x, z)) >> 8u);",
      "return ldexp(x, s);",
    ],
    good: [
      "return abs(x) + sign(z);",
      "return clamp(x, a[0], a[1]);",
      "return select(x, z, i < 3u);",
      "return floor(x);",
      "if (countOneBits(i) == 3u) { workgroupBarrier(); } return x;",
    ],
  },
  "only scalars, vectors and arrays of f32, u32, i32 and bool": {
    bad: [
      "let m = mat2x2<f32>(x, z, w, x); return x;",
      "let h = f16(x); return x;",
      "let v = vec2<f16>(); return x;",
      "var v: array<vec4<f16>, 3>; return x;",
      "var m: mat4x4f; return x;",
    ],
    good: ["let v = vec4<f32>(x, z, w, x); return v.x;", "var v: array<vec2<u32>, 3>; return x;"],
  },
  "no division and no remainder of floats": {
    bad: [
      "return x / z;",
      "var q = x; q /= 3.0; return q;",
      "return x % z;",
      "return (vec2<f32>(x) / vec2<f32>(z, w)).x;",
    ],
    good: ["return a[i / 3u];", "return a[i % 3u];"],
  },
  "no division, remainder or index of signed integers": {
    bad: [
      "return a[bitcast<u32>(s % 3i)];",
      "return a[bitcast<u32>(s / 3i)];",
      "return a[s];",
      "return a[s + 1i];",
    ],
    good: [
      "return a[bitcast<u32>(s)];",
      "let q = s * s; return x;",
      "return a[bitcast<u32>(s >> 2u)];",
    ],
  },
  "fma() only as a spelling of products: in mul(), with the loaded -0": {
    bad: [
      "return fma(x, z, w);",
      "return fma(x, z, contract.negative_zero);",
      "return fma(x, z, -0.0);",
    ],
    good: ["return mul(x, z);", "return w + mul(x, z);"],
  },
  "a float becomes an integer only where its range is known": {
    bad: [
      "return a[u32(x)];",
      "let n = i32(floor(x)); return x;",
      "let n = vec2<i32>(vec2<f32>(x, z)); return x;",
    ],
    good: [
      "return a[bitcast<u32>(x) >> 23u];",
      "return a[u32(s)];",
      "let n = u32(i < 3u); return x;",
    ],
  },
  "an integer becomes a float only with 24 bits at most": {
    bad: [
      "return f32(i);",
      "return f32(s);",
      "return f32(i >> 7u);",
      "return f32((i >> 8u) + 2u);",
    ],
    good: [
      "return f32(i >> 8u);",
      "return f32((i >> 8u) + 1u);",
      "return f32(3u);",
      "return bitcast<f32>(i);",
    ],
  },
  "a product that goes into a sum is spelled mul(), or stands behind a barrier": {
    bad: [
      "return w + x * z;",
      "return x * z - w;",
      "let p = x * z; return p + w;",
      "var p = x; p *= z; p += w; return p;",
      "return -(x * z) + w;",
      "let v = vec2<f32>(x, z) * vec2<f32>(w) + vec2<f32>(z); return v.x;",
      "let v = vec2<f32>(x, z) * vec2<f32>(w); return v.x + z;",
      "return abs(x * z) + w;",
      "var p = z; if (i > 2u) { p = x * z; } return p + w;",
    ],
    good: [
      "return w + mul(x, z);",
      "return w + barrier(x * z);",
      "let p = x * z; return p * w;",
      "return a[i * 3u + 1u];",
    ],
  },
  "constants that follow each other are combined on the host": {
    bad: [
      "return (x * 1.7) * 0.3;",
      "return 1.7 * (0.3 * x);",
      "return scaled(x * 0.3);",
      "let u = x * 1.7; let v = z * u; return v * 0.3;",
      "return (x + 1.7) + 0.3;",
      "return (1.7 - x) - 0.3;",
      "var u = x; u += 1.7; u -= 0.3; return u;",
      // The trick that rounds by a great constant.
      "return (x + 12582912.0) - 12582912.5;",
    ],
    good: [
      "return (x * 1.7) * z;",
      // Exact, in any order.
      "return (x * 0x1p-24) * 1.7;",
      "return scaled(barrier(x * 0.3));",
      "return (x + 1.7) + z;",
      // Horner's scheme.
      "return 1.7 + mul(x, 0.3 + mul(x, 0.2));",
      "return x * (1.7 * 0.3);",
    ],
  },
  "a constant is added before the other terms, or to what stands behind a barrier": {
    bad: ["return 1.7 + (x + z);", "return (x - z) + 1.7;", "let t = x + z; return 1.7 - t;"],
    good: ["return (1.7 + x) + z;", "return 1.7 + barrier(x + z);", "return 1.7 + mul(x, z);"],
  },
  "terms that share a factor have a barrier on one side": {
    bad: [
      "return mul(x, z) + mul(w, z);",
      "return mul(x, z) - mul(z, w);",
      "return x + mul(x, z);",
      "return (mul(x, z) + w) + mul(z, z);",
      "let e = mul(x, z); return x - e;",
      "return mul(x, 1.7) + mul(z, 1.7);",
      "return mul(a[i], x) + mul(a[i], z);",
      "let v = vec2<f32>(a[i], w); return mul(v.x, x) + mul(v[0], z);",
    ],
    good: [
      "return mul(x, z) + barrier(mul(w, z));",
      "return x + barrier(mul(x, z));",
      "return mul(x, z) + mul(w, a[0]);",
      "return mul(a[i], x) + mul(a[i + 1u], z);",
      "return 1.7 + mul(x, 1.7);",
    ],
  },
  "nothing is taken from itself": {
    bad: [
      "return (x + z) - z;",
      "return z - (x + z);",
      // Two-sum.
      "let t = x + z; let v = t - x; return z - v;",
      "let u = i - i; return bitcast<f32>(bitcast<u32>(x) ^ words[u]);",
      "return bitcast<f32>(bitcast<u32>(x) ^ 0u);",
      "return bitcast<f32>(bitcast<u32>(x) ^ (i ^ i));",
    ],
    good: [
      "return barrier(x + z) - z;",
      "return (x + z) - w;",
      "return bitcast<f32>(bitcast<u32>(x) ^ contract.mask);",
      "return a[(i + 1u) - 1u];",
    ],
  },
  "a sum starts from what was loaded, not from a literal": {
    bad: [
      "var t = 0.0; for (var k = 0u; k < i; k++) { t = t + a[k]; } return t;",
      "var t = 0.0; for (var k = 0u; k < i; k++) { t += a[k]; } return t;",
      "var t = vec4<f32>(); loop { t = t + vec4<f32>(x); if (i < 3u) { break; } } return t.x;",
      "var t: f32; while (i < 3u) { t = t - x; } return t;",
      "var t = 1.0; for (var k = 0u; k < i; k++) { if (k > 2u) { t = t + a[k]; } } return t;",
      "var t = 0.0; while (i < 3u) { for (var k = 0u; k < i; k++) { t += a[k]; } } return t;",
      "var t = 0.0; if (i > 2u) { t = x; } for (var k = 0u; k < i; k++) { t += a[k]; } return t;",
      "var t = vec2<f32>(); for (var k = 0u; k < i; k++) { t.x = t.x + a[k]; } return t.x;",
      "var t = select(x, 0.0, i > 2u); for (var k = 0u; k < i; k++) { t += a[k]; } return t;",
      "return 0.0 + x;",
      "var t = 0.0; t += x; t += z; return t;",
    ],
    good: [
      "var t = contract.zero; for (var k = 0u; k < i; k++) { t = t + a[k]; } return t;",
      "var t = vec4<f32>(contract.zero); while (i < 3u) { t = t + vec4<f32>(x); } return t.x;",
      "var t = 0u; for (var k = 0u; k < i; k++) { t = t + words[k]; } return x;",
      "var t = a[0]; for (var k = 1u; k < i; k++) { t = t + a[k]; } return t;",
      "var t = 0.0; for (var k = 0u; k < i; k++) { t = select(t, a[k], a[k] > t); } return t;",
    ],
  },
  "a float that is stored was flushed": {
    bad: [
      "y[i] = mul(x, z); return x;",
      "y[i] = x + z; return x;",
      "y[i] += x; return x;",
      "y[i] = select(0.0, x - z, i < 3u); return x;",
      "var t = contract.zero; for (var k = 0u; k < i; k++) { t = t + a[k]; } y[i] = t; return x;",
      "let t = flush(x); y[i] = t * z; return x;",
      "var t = a[0]; loop { if (i < 3u) { t = t + x; break; } } y[i] = t; return x;",
      "var t = vec2<f32>(a[0]); t.x = x * z; y[i] = t.x; return x;",
      "var t: array<f32, 2>; t[0] = x * z; y[i] = t[0]; return x;",
      "y[i] = select(x + z, 0.0, (bitcast<u32>(x) & 0x7fffffffu) < 0x26000000u); return x;",
    ],
    good: [
      "y[i] = flush(mul(x, z)); return x;",
      "y[i] = a[i]; return x;",
      "y[i] = select(0.0, flush(x - z), i < 3u); return x;",
      "y[i] = select(x + z, 0.0, (bitcast<u32>(x + z) & 0x7fffffffu) < 0x03800000u); return x;",
      "y[i] = 1.0; return x;",
    ],
  },
};

for (const [name, { bad, good }] of Object.entries(SNIPPETS)) {
  test(`the rule "${name}" finds what is against it and nothing else`, () => {
    for (const body of bad) {
      const found = watch(read(SPELLED + around(body)));
      assert.ok(found.some(({ rule }) => rule === name), `not found: ${body}`);
    }
    for (const body of good) {
      assert.deepEqual(watch(read(SPELLED + around(body))), [], body);
    }
  });
}

test("an extension, and a construct that the watch cannot read, are found", () => {
  for (
    const text of [
      "enable f16;",
      "enable subgroups;",
      "requires readonly_and_readwrite_storage_textures;",
    ]
  ) {
    const [found] = watch(read(`${text}\n${SPELLED}`));
    assert.equal(found?.rule, "no extension and no construct that this watch cannot read");
  }
  assert.equal(watch(read("fn f() { discard; }")).length, 1);
  assert.throws(() => read("fn f( {"), /Line/);
});

test("a rule sees through variables, functions and vectors", () => {
  const wgsl = `
    fn half(x: f32) -> f32 { return mul(x, 0.3); }
    fn both(x: f32) -> f32 { let t = half(x); return t; }
    fn f(x: f32) -> f32 {
      var v = vec4<f32>(x);
      v = v * vec4<f32>(1.7);
      return both(v.x);
    }
    fn g(x: f32) -> f32 { return both(x * 1.7); }`;
  const found = watch(read(SPELLED + wgsl)).map(({ what }) => what);
  assert.deepEqual(found, ["(x * c1) * c2"]);
});

test("every rule has snippets, but for the one of extensions", () => {
  const others = RULES.map(({ name }) => name).filter((name) => !name.startsWith("no extension"));
  assert.deepEqual(Object.keys(SNIPPETS).sort(), others.sort());
});

const used = new Set<(typeof EXEMPTIONS)[number]>();

/** What a text does against the contract without an exemption. */
function unexcused({ name, wgsl }: Text, known: ReadonlySet<string> = new Set()): string[] {
  const lines = wgsl.split("\n");
  const excused = ({ rule, line }: Finding) => {
    const text = lines[line - 1]!;
    const exemption = EXEMPTIONS.find((one) =>
      rule.includes(one.rule) && text.includes(one.line) && name.includes(one.only ?? "")
    );
    if (exemption) used.add(exemption);
    return exemption !== undefined;
  };
  const reading = read(wgsl);
  const declared = new Set([...reading.declared, ...known]);
  return watch({ ...reading, declared }).filter((finding) => !excused(finding)).map(
    ({ rule, what, within, line }) => `${name}, in ${within}: ${rule}: ${what}: ${lines[line - 1]}`,
  );
}

/** Functions of other texts, with which a shader's own is put together. */
function declaredBy(texts: readonly Text[]): Set<string> {
  const names = texts.flatMap(({ wgsl }) =>
    [...wgsl.matchAll(/\bfn (\w+)\(/g)].map(([, name]) => name!)
  );
  return new Set([...names, "finish", "x_index"]);
}

const files = await shaderFiles();
const contract = files.find(({ name }) => name === CONTRACT)!.wgsl;

test("no file of shaders/ is against the contract", () => {
  assert.ok(files.length > 60);
  const known = declaredBy(files);
  const alone = files.map(({ name, wgsl }) => {
    const before = name === CONTRACT ? "" : /multiply_/.test(name) ? contract : SPELLED;
    return { name, wgsl: before + oneTurn(wgsl) };
  });
  assert.deepEqual(alone.flatMap((text) => unexcused(text, known)), []);
});

const kernels = [await twins(), ...await kernelTexts()];

test("no kernel that an op, an experiment or the probe dispatches is against the contract", () => {
  const whole = kernels.map(({ name, wgsl }) => ({ name, wgsl: SPELLED + wgsl }));
  assert.deepEqual([...preludes(), ...whole].flatMap((text) => unexcused(text)), []);
});

/** Lines that a template leaves as they are. */
function linesOf(wgsl: string): string[] {
  return wgsl.replace(/\b(apply|[A-Z]+)\d+\b/g, "$1").split("\n").filter((line) =>
    !/\$\{|\/\/%/.test(line)
  );
}

test("every file of shaders/ is part of a kernel that was read", () => {
  const wholes = [...preludes(), ...kernels].map(({ wgsl }) => new Set(linesOf(wgsl)));
  const unread = files.filter(({ wgsl }) =>
    !wholes.some((whole) => linesOf(wgsl).every((line) => whole.has(line)))
  );
  assert.deepEqual(unread.map(({ name }) => name), []);
});

test("every exemption is still needed", () => {
  assert.deepEqual(EXEMPTIONS.filter((one) => !used.has(one)), []);
});
