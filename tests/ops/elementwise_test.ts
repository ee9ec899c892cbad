import assert from "node:assert/strict";
import type { Kernel } from "../../core/device/program.ts";
import { withStages } from "../../core/ops/elementwise.ts";
import { add, multiply, scale, subtract } from "../../core/ops/arithmetic.ts";
import { matmul } from "../../core/ops/matmul.ts";
import type { Stage, Value } from "../../core/ops/op.ts";
import { both, build, type Case, test } from "./harness.ts";

const vector = (...numbers: number[]) => ({
  shape: [numbers.length],
  data: Float32Array.from(numbers),
});

/** The numbers of a case that is one dispatch, the same on every device. */
async function inOneDispatch(tested: Case): Promise<number[]> {
  assert.equal(build(tested).steps.length, 1);
  return [...(await both(tested)).get("output0")!];
}

test("between two stages what is below 2^-51 becomes zero, as if it had been stored", async () => {
  const up = (x: Value) => scale(scale(x, 2 ** -21), 2 ** 21);
  assert.deepEqual(
    await inOneDispatch({
      inputs: [vector(2 ** -30, 2 ** -31, -(2 ** -30), -(2 ** -31), 1)],
      emit: ([x]) => up(x!),
    }),
    [2 ** -30, 0, -(2 ** -30), 0, 1],
  );
});

test("what is handed over is zero below 2^-51, as if it had been stored", async () => {
  const [a, b] = [vector(2 ** -30, 2 ** -31), vector(2 ** -21)];
  assert.deepEqual(
    await inOneDispatch({
      inputs: [{ ...a, shape: [2, 1] }, { ...b, shape: [1, 1] }],
      emit: ([a, b]) => scale(matmul(a!, b!), 2 ** 21),
    }),
    [2 ** -30, 0],
  );
});

test("each stage rounds on its own: neither sums nor products that follow each other are merged", async () => {
  const [one, tiny, big] = [1, 2 ** -24, 1 + 2 ** -12] as const;
  const inputs = [vector(one, big), vector(tiny, big), vector(one, -(big * big))];
  assert.deepEqual(
    await inOneDispatch({ inputs, emit: ([x, y]) => subtract(add(x!, y!), y!) }),
    [1 - tiny, big],
  );
  // Products are rounded before the sum that follows: the error of big * big is lost.
  assert.deepEqual(
    await inOneDispatch({ inputs, emit: ([x, y, z]) => add(multiply(x!, y!), z!) }),
    [1, 0],
  );
});

const HEAD: Kernel = {
  name: "head",
  bindings: [{ type: "f32", access: "read" }, { type: "f32", access: "write" }],
  dispatch: () => ({ wgsl: "", workgroups: [1, 1, 1] }),
  reference: ([x, y]) => y!.set(x!),
};
const halve: Stage = { name: "halve", wgsl: "", apply: (x) => x / 2 };
const minus: Stage = { name: "minus", wgsl: "", apply: (x, operand) => x - operand };

test("withStages() binds the stages' second inputs behind the kernel's own, in order", () => {
  const staged = withStages(HEAD, [
    { stage: minus, operand: [2], shape: [2, 2] },
    { stage: halve, operand: undefined, shape: [2, 2] },
    { stage: minus, operand: [2, 1], shape: [2, 2] },
  ]);
  assert.equal(staged.name, "head+minus+halve+minus");
  assert.deepEqual(staged.bindings.map(({ access }) => access), ["read", "write", "read", "read"]);
  const y = new Float32Array(4);
  const given = [[10, 20, 30, 40], [2, 4], [1, 100]].map((numbers) => Float32Array.from(numbers));
  staged.reference([given[0]!, y, given[1]!, given[2]!]);
  assert.deepEqual([...y], [3, 7, -86, -82]);
});

test("withStages() declares a library that two stages share once", () => {
  const shared: Stage = { ...halve, libraries: ["// the library\n"] };
  const placed = { stage: shared, operand: undefined, shape: [2] };
  const { wgsl } = withStages(HEAD, [placed, placed]).dispatch({ class: "software", name: "" });
  assert.equal(wgsl.split("// the library").length, 2);
});
