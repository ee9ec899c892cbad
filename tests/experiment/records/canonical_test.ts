import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, digestOf } from "../../../core/experiment/records/canonical.ts";

Deno.test("canonicalJson() writes the example of RFC 8785 as published", () => {
  const value = JSON.parse(String.raw`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`);
  assert.equal(
    canonicalJson(value),
    String.raw`{"literals":[null,true,false],` +
      String.raw`"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
      String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  );
});

Deno.test("canonicalJson() sorts keys at every depth, as text and not as numbers", () => {
  assert.equal(
    canonicalJson({ b: [{ z: 1, y: 2 }], 10: "ten", 9: "nine", B: null, "": {} }),
    '{"":{},"10":"ten","9":"nine","B":null,"b":[{"y":2,"z":1}]}',
  );
});

Deno.test("canonicalJson() leaves out keys with undefined, and keeps those with null", () => {
  assert.equal(canonicalJson({ a: undefined, b: null, c: { d: undefined } }), '{"b":null,"c":{}}');
});

Deno.test("canonicalJson() takes -0 as 0", () => {
  assert.equal(canonicalJson([-0]), "[0]");
});

Deno.test("canonicalJson() keeps a key named __proto__", () => {
  assert.equal(canonicalJson(JSON.parse('{"__proto__":{"a":1}}')), '{"__proto__":{"a":1}}');
});

Deno.test("canonicalJson() writes what JSON.parse reads back, whatever the order of keys", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const text = canonicalJson(value);
    // One pass through JSON, since it has no -0.
    assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
    assert.equal(canonicalJson(reversed(value)), text);
  }));
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).reverse().map(([k, v]) => [k, reversed(v)]));
}

for (
  const [value, place, found] of [
    [undefined, "$", "undefined"],
    [{ a: [1, undefined] }, "$.a[1]", "undefined"],
    // deno-lint-ignore no-sparse-arrays
    [[1, , 3], "$[1]", "undefined"],
    [{ a: { "b c": NaN } }, '$.a["b c"]', "NaN"],
    [[Infinity], "$[0]", "Infinity"],
    [{ rate: -Infinity }, "$.rate", "-Infinity"],
    [{ n: 1n }, "$.n", "a bigint"],
    [{ f: () => 1 }, "$.f", "a function"],
    [{ s: Symbol("s") }, "$.s", "a symbol"],
    [{ m: new Map() }, "$.m", "an object of Map"],
    [{ when: new Date(0) }, "$.when", "an object of Date"],
    [new Float32Array(1), "$", "an object of Float32Array"],
  ] as const
) {
  Deno.test(`canonicalJson() refuses ${found} at ${place}`, () => {
    assert.throws(() => canonicalJson(value), (error: unknown) => {
      assert.ok(error instanceof TypeError);
      assert.ok(error.message.startsWith(`${place}: expected JSON data`), error.message);
      assert.ok(error.message.endsWith(`found ${found}`), error.message);
      return true;
    });
  });
}

Deno.test("digestOf() is SHA-256 over the canonical text in UTF-8", async () => {
  // printf '{"arm":"adam","rate":0.001,"seed":3,"title":"é"}' | sha256sum
  assert.equal(
    await digestOf({ seed: 3, title: "é", rate: 1e-3, arm: "adam", note: undefined }),
    "37baac6308cf33ebca1c006905b48b0d52ee78dca9b992bd06835b9317c15d7e",
  );
});

Deno.test("digestOf() rejects what canonicalJson() refuses", async () => {
  await assert.rejects(digestOf([NaN]), TypeError);
});
