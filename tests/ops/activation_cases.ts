/** What elementwise functions of one argument have in common. */
import fc from "fast-check";
import type { Shape } from "../../core/ops/op.ts";

/** Any shape of up to a few hundred elements, scalars and tile edges included. */
export const anyShape: fc.Arbitrary<Shape> = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 4 }),
  fc.constantFrom([63], [64], [65], [1, 129], [257, 1], [5, 1, 64]),
);
