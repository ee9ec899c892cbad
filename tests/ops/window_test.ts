import assert from "node:assert/strict";
import fc from "fast-check";
import { ShapeError } from "../../core/ops/op.ts";
import { geometry, type Padding, transposedGeometry } from "../../core/ops/window.ts";
import { property, test } from "./harness.ts";

test("geometry() without padding leaves out what fills no whole window", () => {
  assert.deepEqual(geometry(32, 33, { kernel: [3, 3], stride: 2, padding: "valid" }), {
    height: 15,
    width: 16,
    top: 0,
    left: 0,
  });
});

test("geometry() with padding same keeps the size at stride 1, the odd pixel at the end", () => {
  assert.deepEqual(geometry(6, 6, { kernel: [3, 4], stride: 1, padding: "same" }), {
    height: 6,
    width: 6,
    top: 1,
    left: 1,
  });
});

test("geometry() with a number pads every side by it", () => {
  assert.deepEqual(geometry(7, 5, { kernel: [3, 3], stride: 2, padding: 2 }), {
    height: 5,
    width: 4,
    top: 2,
    left: 2,
  });
});

property(
  "geometry() with padding same gives ceil(input / stride) and windows that all touch the input",
  fc.record({
    input: fc.integer({ min: 1, max: 40 }),
    kernel: fc.integer({ min: 1, max: 7 }),
    stride: fc.integer({ min: 1, max: 4 }),
  }),
  ({ input, kernel, stride }) => {
    const { height, top } = geometry(input, 1, { kernel: [kernel, 1], stride, padding: "same" });
    assert.equal(height, Math.ceil(input / stride));
    assert.ok((height - 1) * stride - top < input && kernel - top > 0);
  },
);

test("geometry() rejects a kernel larger than its padded input and names both", () => {
  assert.throws(
    () => geometry(4, 9, { kernel: [7, 3], stride: 1, padding: 1 }),
    (error) =>
      error instanceof ShapeError &&
      /7x3 is larger than its padded input of 4x9 \(padding 1\); use a smaller kernel/
        .test(error.message),
  );
});

test("geometry() rejects sizes that are no positive integers", () => {
  for (
    const window of [
      { kernel: [0, 3], stride: 1, padding: "valid" },
      { kernel: [3, 3], stride: 0, padding: "valid" },
      { kernel: [3, 3], stride: 1.5, padding: "valid" },
      { kernel: [3, 3], stride: 1, padding: -1 },
    ] as const
  ) {
    assert.throws(() => geometry(9, 9, window), ShapeError);
  }
});

property(
  "transposedGeometry() gives the image from which geometry() leads back",
  fc.record({
    height: fc.integer({ min: 1, max: 20 }),
    width: fc.integer({ min: 1, max: 20 }),
    kernel: fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })),
    stride: fc.integer({ min: 1, max: 4 }),
    padding: fc.constantFrom<Padding>("valid", "same", 0, 1, 2),
    outputPadding: fc.integer({ min: 0, max: 3 }),
  }).filter(({ height, width, kernel, stride, padding, outputPadding }) =>
    outputPadding < (padding === "same" ? 1 : stride) &&
    (typeof padding === "string" ||
      Math.min((height - 1) * stride + kernel[0], (width - 1) * stride + kernel[1]) > 2 * padding)
  ),
  ({ height, width, outputPadding, ...window }) => {
    const image = transposedGeometry(height, width, window, outputPadding);
    const back = geometry(image.height, image.width, window);
    assert.deepEqual([back.height, back.width], [height, width]);
  },
);
