import assert from "node:assert/strict";
import { divergenceText } from "../../core/cli/divergence_text.ts";
import type { Divergence } from "../../core/reproduce/divergence.ts";
import type { TensorDifference } from "../../core/reproduce/elements.ts";

const SIDES = {
  cell: "wide-s0",
  a: {
    name: "runs/a/wide-s0",
    locked: false,
    made: "webgpu, One GPU",
    device: "webgpu, Other GPU",
  },
  b: { name: "runs/b/wide-s0", locked: false, made: "cpu, A Chip", device: "cpu, A Chip" },
  chain: { points: 2, same: 100, differs: 200 },
};

const one = { value: 1, bits: "0x3f800000" };
const small = { value: Math.fround(-3.02057992e-6), bits: "0xb64ab52b" };

const TENSOR: TensorDifference = {
  name: "conv2d1/conv2d",
  shape: [16, 26, 26, 8],
  differing: 1200,
  elements: [{ index: [0, 1, 2, 3], a: one, b: small, cpu: small }],
};

function lines(result: Divergence["result"], sides: Omit<Divergence, "result"> = SIDES): string[] {
  const text = divergenceText({ ...sides, result }, 100);
  assert.ok(text.every((line) => line.length <= 100));
  return text;
}

const HEAD = [
  "wide-s0",
  "  A      runs/a/wide-s0",
  "         made on webgpu, One GPU; trained again on webgpu, Other GPU",
  "  B      runs/b/wide-s0",
  "         made on cpu, A Chip, and trained again on it",
  "  chain  the same: 2 points to step 100; another digest at step 200",
  "",
];

const OP = {
  kernel: "conv2d+add",
  label: "conv2d1/conv2d",
  tensors: [TENSOR],
  inputs: [],
  agrees: "B",
} as const;

Deno.test("an op that differs is told with its tensors, elements and the judge", () => {
  assert.deepEqual(
    lines({ outcome: "found", step: 137, after: [], op: OP }),
    [
      ...HEAD,
      "Step 137 differs, first in the op conv2d1/conv2d (kernel conv2d+add).",
      "",
      "  tensor          shape            elements that differ",
      "  conv2d1/conv2d  [16, 26, 26, 8]  1,200 of 86,528",
      "",
      "  first elements of conv2d1/conv2d",
      "  index         A             B                          cpu",
      "  [0, 1, 2, 3]  1 0x3f800000  -3.02057992e-6 0xb64ab52b  -3.02057992e-6 0xb64ab52b",
      "",
      "The cpu device's references agree with B: A is wrong.",
    ],
  );
});

Deno.test("many tensors are counted, and the judge may agree with neither", () => {
  const tensors = Array.from({ length: 11 }, (_, i) => ({ ...TENSOR, name: `tensor${i}` }));
  const op = { ...OP, tensors, agrees: "neither" } as const;
  const text = lines({ outcome: "found", step: 0, after: [], op });
  assert.equal(
    text[7],
    "The drawing of the parameters differs, first in the op conv2d1/conv2d (kernel conv2d+add).",
  );
  assert.ok(text.includes("  and 3 more"));
  assert.ok(text.some((line) => line.startsWith("  tensor7 ")));
  assert.ok(!text.some((line) => line.startsWith("  tensor8 ")));
  assert.equal(text.at(-1), "The cpu device's references agree with neither.");
});

Deno.test("what was put into an op's inputs is told as that, and a step without its op too", () => {
  const inputs = [{ ...TENSOR, name: "train labels" }];
  const given = lines({ outcome: "found", step: 1, after: [], op: { ...OP, inputs } });
  assert.equal(given[8], "Not the op is at fault but what was put into its inputs before:");
  assert.ok(given.includes("  first elements of train labels"));

  const { cpu: _, ...element } = TENSOR.elements[0]!;
  const whole = lines({ outcome: "found", step: 3, after: [{ ...TENSOR, elements: [element] }] });
  assert.equal(whole[7], "Step 3 differs when it is run whole, but no op of it does by itself.");
  assert.equal(whole.at(-1), "  [0, 1, 2, 3]  1 0x3f800000  -3.02057992e-6 0xb64ab52b");
});

Deno.test("where bits cannot be explained, what differs of provenance is a table", () => {
  const origins = [{
    what: "code",
    a: "1".repeat(64),
    b: "2".repeat(64),
    here: "2".repeat(64),
  }] as const;
  const digests = { expected: "a".repeat(64), found: "b".repeat(64) };
  assert.deepEqual(lines({ outcome: "other code", step: 100, ...digests, origins }).slice(7), [
    "This code is not the code that made them: trained again on the cpu device, the weights at step 100",
    "have digest bbbbbbbbbbbb, and both chains have aaaaaaaaaaaa there.",
    "",
    "  differs  A             B             here",
    "  code     111111111111  222222222222  222222222222",
  ]);
  const gone = { outcome: "other code", step: 100, expected: digests.expected, origins } as const;
  assert.match(lines(gone)[8]!, /are not finite, and both chains/);
  const again = lines({ outcome: "not again", cpu: "neither", origins: [] });
  assert.equal(again[8], "This code's cpu device gives neither digest at step 200.");
  for (const [cpu, words] of [["A", "diverges as well"], ["B", "does not diverge"]] as const) {
    const result = { outcome: "not again", cpu, origins: [] } as const;
    const ended = lines(result, { ...SIDES, chain: { ...SIDES.chain, diverged: "A" } });
    assert.equal(ended[8], `This code's cpu device ${words} at step 200.`);
    assert.equal(
      ended.find((line) => line.includes("chain")),
      "  chain  the same: 2 points to step 100; only A diverged, at step 200",
    );
  }
});

Deno.test("a measure is told with both values", () => {
  const { chain: _, ...sides } = SIDES;
  const measure = { outcome: "measure", measure: "total", a: [1, 2], b: undefined } as const;
  const last = lines(measure, sides).at(-1);
  assert.equal(last, 'the measure "total" differs: [1,2] in A, missing in B');
});
