import assert from "node:assert/strict";
import { decode } from "fast-png";
import { encodePng } from "../../../core/experiment/samples/picture.ts";

for (const channels of [1, 3] as const) {
  Deno.test(`encodePng() keeps every pixel of ${channels} channels, the same bytes each time`, () => {
    const pixels = Uint8Array.from({ length: 5 * 4 * channels }, (_, i) => i * 37);
    const bytes = encodePng(pixels, 5, 4, channels);
    const { width, height, data, channels: found, depth } = decode(bytes);
    assert.deepEqual({ width, height, found, depth }, {
      width: 5,
      height: 4,
      found: channels,
      depth: 8,
    });
    assert.deepEqual(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), pixels);
    assert.deepEqual(encodePng(pixels, 5, 4, channels), bytes);
  });
}

Deno.test("encodePng() rejects pixels that do not fill the picture", () => {
  assert.throws(() => encodePng(new Uint8Array(11), 2, 2, 3), /^RangeError: .*2 x 2 pixels of 3/);
});
