import assert from "node:assert/strict";
import golden from "./changes.json" with { type: "json" };
import { type Change, changeImages } from "../../core/data/change.ts";

const { height, width, channels } = golden;
const count = height * width * channels;
const pixels = Uint8Array.from({ length: count }, (_, i) => i * 7919 % 256);
const images = { pixels, labels: new Uint8Array(1), count: 1 };

for (const { change, value, y } of golden.cases) {
  Deno.test(`changeImages() agrees with PyTorch's grid_sample (${change} ${value})`, () => {
    const asked: Change = change === "rotate"
      ? { change, degrees: value }
      : { change: "scale", factor: value };
    const changed = changeImages(images, [height, width, channels], asked).pixels;
    // Half a byte for the rounding, and what a cosine in f32 moves it.
    y.forEach((expected, i) => assert.ok(Math.abs(changed[i]! - expected) < 0.501, `${i}`));
  });
}
