import assert from "node:assert/strict";
import { testInPlace } from "./process.ts";

testInPlace(
  "doctor shows device, probe, limits, choice and what would be faster",
  async ({ run }) => {
    const { code, stdout, stderr } = await run("doctor", []);
    assert.equal(code, 0, stderr);
    assert.equal(stderr, "");
    assert.match(stdout, /^deno +\d+\.\d+\.\d+ on /);
    assert.match(stdout, /^processor +\S.+, \d+ threads$/m);
    assert.match(stdout, /^auto takes +(cpu|webgpu): /m);
    assert.match(stdout, /^faster +\S/m);
    if (/^adapter +none: /m.test(stdout)) return;
    assert.match(stdout, /^probe +a \* b \+ c is /m);
    assert.match(stdout, /^spelling +(plain|fused|barrier|NONE)/m);
    assert.match(stdout, /^limits +maxStorageBufferBindingSize \d/m);
  },
);

testInPlace("doctor --help and an unknown option", async ({ run }) => {
  const help = await run("doctor", ["--help"]);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^Usage: deno task doctor/);
  const wrong = await run("doctor", ["--fast"]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /^error: unknown option '--fast'\n$/);
});
