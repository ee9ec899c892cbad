import assert from "node:assert/strict";
import { type Block, philox4x32 } from "../../core/random/philox.ts";

const ONES = 0xffffffff;

/** From `kat_vectors` of Random123 (D. E. Shaw Research): counter, key, result. */
const KNOWN_ANSWERS: readonly (readonly [Block, readonly [number, number], Block])[] = [
  [[0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
  [[ONES, ONES, ONES, ONES], [ONES, ONES], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

Deno.test("philox4x32() gives Random123's published answers", () => {
  for (const [counter, key, result] of KNOWN_ANSWERS) {
    assert.deepEqual(philox4x32(counter, key), result);
  }
});
