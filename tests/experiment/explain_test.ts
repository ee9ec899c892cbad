import assert from "node:assert/strict";
import { z } from "zod";
import { explain, nearest } from "../../core/experiment/explain.ts";

function explained(schema: z.ZodType, value: unknown): string[] {
  const { error } = schema.safeParse(value);
  return error ? explain(error, schema, value) : [];
}

Deno.test("nearest() is the name that takes the fewest changes", () => {
  assert.equal(nearest("clams", ["arms", "claims", "measures"]), "claims");
  assert.equal(nearest("dense", ["dense-wide", "dense"]), "dense");
});

Deno.test("explain() names the place of an issue at any depth", () => {
  const schema = z.strictObject({
    a: z.array(z.record(z.string(), z.strictObject({ b: z.number() }))),
  });
  assert.deepEqual(explained(schema, { a: [{}, { x: { b: "1" } }] }), [
    "a[1].x.b: Invalid input: expected number, received string",
  ]);
  assert.deepEqual(explained(schema, { a: [{ x: { b: 1, bb: 2 } }] }), [
    'a[0].x: "bb" is no field here; did you mean "b"? There are: b',
  ]);
  assert.deepEqual(explained(schema, 3), ["Invalid input: expected object, received number"]);
});

Deno.test("explain() takes the fields of the alternative that the value chose", () => {
  const schema = z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("circle"), radius: z.number() }),
    z.strictObject({ kind: z.literal("square"), side: z.number().default(1) }),
  ]);
  assert.deepEqual(explained(schema, { kind: "square", sid: 3 }), [
    '"sid" is no field here; did you mean "side"? There are: kind, side',
  ]);
  assert.deepEqual(explained(z.array(schema), [{ kind: "circle", radius: 1, side: 3 }]), [
    '[0]: "side" is no field here; did you mean "kind"? There are: kind, radius',
  ]);
});

Deno.test("explain() gives each unknown field a line", () => {
  const schema = z.strictObject({ first: z.number().optional(), second: z.number().optional() });
  assert.deepEqual(explained(schema, { frist: 1, secnd: 2 }), [
    '"frist" is no field here; did you mean "first"? There are: first, second',
    '"secnd" is no field here; did you mean "second"? There are: first, second',
  ]);
});

Deno.test("explain() says nothing of fields where there can be none", () => {
  assert.deepEqual(explained(z.strictObject({}), { a: 1 }), ['"a" is no field here']);
});

Deno.test("explain() suggests the nearest of fixed choices, for a text only", () => {
  const schema = z.strictObject({ set: z.enum(["test", "validation"]) });
  const expected = 'set: Invalid option: expected one of "test"|"validation"';
  assert.deepEqual(explained(schema, { set: "validaton" }), [
    `${expected}; did you mean "validation"?`,
  ]);
  assert.deepEqual(explained(schema, { set: 3 }), [expected]);
});

Deno.test("explain() says what a key must be", () => {
  const schema = z.record(z.string().regex(/^[a-z]+$/, "a name in small letters"), z.number());
  assert.deepEqual(explained(schema, { A: 1 }), ["A: a name in small letters"]);
});
