import assert from "node:assert/strict";
import { Draws } from "../../core/data/draws.ts";
import { stream, word } from "../../core/random/streams.ts";

const source = stream(0, "test");

Deno.test("Draws takes the elements of its step one after the other", () => {
  const draws = new Draws(source, 5);
  assert.deepEqual(
    Array.from({ length: 10 }, () => draws.bits()),
    Array.from({ length: 10 }, (_, element) => word(source, 5, element)),
  );
});

Deno.test("Draws.addNoise() moves all channels of a pixel alike, within the amplitude", () => {
  const pixels = new Uint8Array(300).fill(100);
  new Draws(source, 0).addNoise(pixels, 3, 12);
  const levels = new Set<number>();
  for (let at = 0; at < 300; at += 3) {
    assert.ok(pixels[at]! >= 88 && pixels[at]! <= 112);
    assert.equal(pixels[at + 1], pixels[at]);
    assert.equal(pixels[at + 2], pixels[at]);
    levels.add(pixels[at]!);
  }
  assert.ok(levels.size > 15);
});

Deno.test("Draws.addNoise() clamps to a byte", () => {
  const dark = new Uint8Array(400);
  new Draws(source, 0).addNoise(dark, 1, 12);
  assert.ok(dark.every((level) => level <= 12));
  assert.ok(dark.includes(0));
  const light = new Uint8Array(400).fill(255);
  new Draws(source, 0).addNoise(light, 1, 12);
  assert.ok(light.every((level) => level >= 243));
});

Deno.test("Draws.below() draws every whole number below its count alike", () => {
  const draws = new Draws(source, 9);
  const counts = new Uint32Array(7);
  for (let i = 0; i < 7000; i++) counts[draws.below(7)]!++;
  // Six standard deviations of 1,000 are 176.
  assert.ok(counts.every((count) => Math.abs(count - 1000) < 176), counts.join());
});
