import assert from "node:assert/strict";
import { type Change, changeImages, changeSchema } from "../../core/data/change.ts";
import type { Images } from "../../core/data/dataset.ts";

type Shape = readonly [number, number, number];

function changed(pixels: readonly number[], shape: Shape, change: Change): number[] {
  const images = { pixels: Uint8Array.from(pixels), labels: Uint8Array.of(3), count: 1 };
  const after = changeImages(images, shape, change);
  assert.deepEqual([after.labels, after.count], [images.labels, 1]);
  return [...after.pixels];
}

const NINE = [1, 2, 3, 4, 5, 6, 7, 8, 9];

for (
  const [right, down, expected] of [
    [0, 0, NINE],
    [1, 0, [1, 1, 2, 4, 4, 5, 7, 7, 8]],
    [-1, 0, [2, 3, 3, 5, 6, 6, 8, 9, 9]],
    [0, 1, [1, 2, 3, 1, 2, 3, 4, 5, 6]],
    [-1, -2, [8, 9, 9, 8, 9, 9, 8, 9, 9]],
    [5, 0, [1, 1, 1, 4, 4, 4, 7, 7, 7]],
  ] as const
) {
  Deno.test(`a shift by ${right} to the right and ${down} down repeats the edge`, () => {
    assert.deepEqual(changed(NINE, [3, 3, 1], { change: "shift", right, down }), [...expected]);
  });
}

Deno.test("a change moves the channels of a pixel together, and every image by itself", () => {
  const images: Images = {
    pixels: Uint8Array.of(1, 2, 3, 4, 5, 6, 101, 102, 103, 104, 105, 106),
    labels: Uint8Array.of(0, 1),
    count: 2,
  };
  const { pixels } = changeImages(images, [1, 2, 3], { change: "shift", right: 1, down: 0 });
  assert.deepEqual([...pixels], [1, 2, 3, 1, 2, 3, 101, 102, 103, 101, 102, 103]);
});

Deno.test("a rotation by 90 degrees is clockwise, and exact", () => {
  const shape = [3, 3, 1] as const;
  assert.deepEqual(changed(NINE, shape, { change: "rotate", degrees: 90 }), [
    7,
    4,
    1,
    8,
    5,
    2,
    9,
    6,
    3,
  ]);
  assert.deepEqual(changed(NINE, shape, { change: "rotate", degrees: 180 }), NINE.toReversed());
});

Deno.test("a rotation by half a step mixes its neighbours, and black stays out of the corners", () => {
  const white = Array(25).fill(200);
  for (const degrees of [-10, 3, 45]) {
    assert.deepEqual(changed(white, [5, 5, 1], { change: "rotate", degrees }), white);
  }
  const dot = Array(25).fill(0);
  dot[7] = 255; // above the centre
  const turned = changed(dot, [5, 5, 1], { change: "rotate", degrees: 45 });
  // The dot lies at (0.71, -0.71) from the centre now: nearest to the pixel above and to the right.
  assert.equal(turned.indexOf(Math.max(...turned)), 8);
  assert.equal(turned[6], 0);
});

Deno.test("a scaling by 2 of a ramp halves its steps about the centre", () => {
  const ramp = [0, 40, 80, 120, 160];
  assert.deepEqual(changed(ramp, [1, 5, 1], { change: "scale", factor: 2 }), [
    40,
    60,
    80,
    100,
    120,
  ]);
  assert.deepEqual(changed(ramp, [1, 5, 1], { change: "scale", factor: 0.5 }), [
    0,
    0,
    80,
    160,
    160,
  ]);
});

Deno.test("a change rounds to the nearest byte, half up", () => {
  assert.deepEqual(changed([0, 0, 1, 1], [1, 4, 1], { change: "scale", factor: 3 }), [0, 0, 1, 1]);
  assert.deepEqual(changed([0, 1], [1, 2, 1], { change: "scale", factor: 10 }), [0, 1]);
});

for (
  const wrong of [
    { change: "shift", right: 1 },
    { change: "shift", right: 0.5, down: 0 },
    { change: "scale", factor: 0 },
    { change: "rotate", degrees: 200 },
    { change: "flip" },
  ]
) {
  Deno.test(`a change cannot be ${JSON.stringify(wrong)}`, () => {
    assert.ok(!changeSchema.safeParse(wrong).success);
  });
}
