import assert from "node:assert/strict";
import { f32, fill } from "../../core/ops/template.ts";
import { test } from "./harness.ts";

test("fill() declares numbers as u32 constants and texts as they are", () => {
  assert.equal(
    fill("body", { COUNT: 3, PADDED: "true", RATE: f32(0.5) }),
    "const COUNT = 3u;\nconst PADDED = true;\nconst RATE = 0.5f;\nbody",
  );
});

test("fill() repeats the lines of a loop with the index replaced", () => {
  assert.equal(
    fill("a\n//% for i in 0..3\nx${i} = ${i}u;\n//% end\nb", {}),
    [
      "a",
      "x0 = 0u;",
      "x1 = 1u;",
      "x2 = 2u;",
      "b",
    ].join("\n"),
  );
});

test("fill() takes a loop's bound from the constants and nests loops", () => {
  const template = "//% for i in 0..N\n  //% for j in 0..2\n${i}_${j}\n  //% end\n//% end";
  assert.equal(fill(template, { N: 2 }), "const N = 2u;\n0_0\n0_1\n1_0\n1_1");
});

test("fill() leaves out a loop of no turns", () => {
  assert.equal(fill("a\n//% for i in 0..0\nx${i}\n//% end\nb", {}), "a\nb");
});

test("fill() rejects a loop over an unknown constant and one without an end", () => {
  assert.throws(() => fill("//% for i in 0..N\n//% end", {}), /unknown constant N/);
  assert.throws(() => fill("//% for i in 0..2\nx", {}), /loop without end: .*0\.\.2/);
});

test("f32() writes a number that reads back to the same bits", () => {
  for (const value of [1, 0.1, 3.4028234663852886e38, 1.401298464324817e-45, -2.5, 1e21]) {
    const text = f32(value);
    assert.match(text, /^[-+.e0-9]+f$/);
    assert.equal(Math.fround(Number(text.slice(0, -1))), Math.fround(value));
  }
});
