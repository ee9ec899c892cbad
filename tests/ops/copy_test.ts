import assert from "node:assert/strict";
import { copyOp } from "../../core/ops/copy.ts";
import { anyShape } from "./activation_cases.ts";
import { checkMeaning } from "./gradient.ts";
import { both, property, sameBits, test } from "./harness.ts";

sameBits("copy gives its reference's bits", anyShape, (shape, numbers) => ({
  inputs: [numbers.tensor(shape)],
  emit: ([x]) => x!.builder.apply(copyOp, [x!], {}),
}));

property("copy passes its gradient on", anyShape, async (shape, numbers) => {
  await checkMeaning({
    inputs: [numbers.plain(shape)],
    emit: ([x]) => x!.builder.apply(copyOp, [x!], {}),
    formula: ([x]) => x!,
  }, numbers);
});

test("copy passes every u32 unharmed, those that would be NaN or subnormal included", async () => {
  const words = new Uint32Array([0, 1, 0x007fffff, 0x7f800001, 0xffc00000, 0xffffffff, 0x80000000]);
  const states = await both({
    inputs: [{ shape: [7], data: words }],
    emit: ([x]) => x!.builder.apply(copyOp, [x!], {}),
  });
  assert.deepEqual(states.get("output0"), words);
});
