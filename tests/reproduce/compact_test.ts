/** Records in few bytes: nothing is lost, and nothing that a stranger writes takes all memory. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Compact, compact, expanded, type Json } from "../../core/reproduce/compact.ts";

type Records = Parameters<typeof compact>[0];

/** As they come out of a file. */
function read<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

/** Texts and keys of which some look like signs, and some are long enough to be shared. */
const text = fc.oneof(
  fc.constantFrom(
    "@",
    "@@",
    "@columns",
    "@@columns",
    "@keys",
    "@values",
    "@a 1",
    "__proto__",
    "a",
    "b",
  ),
  fc.constantFrom("x".repeat(40), "z".repeat(35), `@${"y".repeat(40)}`),
  fc.string({ maxLength: 3 }),
);
const { value: json } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(fc.constant(null), fc.boolean(), fc.integer({ min: -1, max: 3 }), fc.double(), text),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(text, tie("value"), { maxKeys: 4 }),
    // Lists of like objects.
    fc.tuple(fc.uniqueArray(text, { maxLength: 3 }), fc.array(tie("value"), { maxLength: 9 })).map(
      ([keys, values]) =>
        values.map((value) => Object.fromEntries(keys.map((key) => [key, value] as const))),
    ),
  ),
}));

Deno.test("records come back as they were, whatever they say", () => {
  const record = fc.dictionary(text, json, { maxKeys: 5 });
  const records = fc.oneof(
    fc.array(record, { maxLength: 5 }),
    // Some of them often, so that they have much in common.
    fc.tuple(record, record, fc.array(fc.boolean(), { maxLength: 7 }))
      .map(([a, b, which]) => which.map((isFirst) => isFirst ? a : { ...a, ...b })),
  );
  fc.assert(
    fc.property(records, (written) => {
      const plain = read(written) as Records;
      const small = compact(plain);
      assert.deepEqual(expanded(read(small)), plain);
      assert.deepEqual(compact(plain), small);
    }),
    { numRuns: 500 },
  );
});

const NET = Array.from({ length: 8 }, (_, i) => ({ layer: "dense", units: i }));

Deno.test("what more than half of the records say is written once", () => {
  const records = ["cpu", "cpu", "gpu", "cpu"].map((device, id) => ({
    device: { name: device, ...(id === 0 && { threads: 2 }) },
    id,
    steps: id < 2 ? 100 : 200,
  }));
  const { every, cells } = compact(records);
  assert.deepEqual(every, { device: { name: "cpu" } });
  assert.deepEqual(cells, [
    { device: { threads: 2 }, id: 0, steps: 100 },
    { id: 1, steps: 100 },
    { device: { name: "gpu" }, id: 2, steps: 200 },
    { id: 3, steps: 200 },
  ]);
  assert.deepEqual(compact([{ id: 0 }]), { every: {}, cells: [{ id: 0 }], shared: {} });
});

Deno.test("an object beside a value that is none keeps the keys that it lacks", () => {
  for (const other of [{ b: 2 }, {}]) {
    const records = [{ a: 1 }, { a: 1 }, { a: 1 }, other, null].map((x) => ({ x }));
    assert.deepEqual(expanded(compact(records)), records);
  }
});

Deno.test("like objects are written by columns, and long values that occur again by a name", () => {
  const digest = "0123456789".repeat(4);
  const records = [
    { code: digest, id: 0, net: NET },
    { id: 1, net: NET, shaders: digest },
    { code: "", id: 2, net: [] },
    { code: "", id: 3, net: NET.slice(1, 2) },
  ];
  assert.deepEqual(compact(records), {
    every: {},
    cells: [
      { code: "@code 1", id: 0, net: "@net 1" },
      { id: 1, net: "@net 1", shaders: "@code 1" },
      { code: "", id: 2, net: [] },
      { code: "", id: 3, net: [{ layer: "dense", units: 1 }] },
    ],
    shared: {
      "code 1": digest,
      "net 1": {
        "@columns": {
          layer: new Array(8).fill("dense"),
          units: [0, 1, 2, 3, 4, 5, 6, 7],
        },
      },
    },
  });
});

Deno.test("long keys that occur again are written once, apart from their values", () => {
  const records = [1, 2].map((id) => ({
    id,
    measures: { "accuracy under the attack": id / 4, "accuracy without the attack": 1 - id / 4 },
    point: { rate: id },
  }));
  assert.deepEqual(compact(records), {
    every: { measures: {}, point: {} },
    cells: [
      { id: 1, measures: { "@keys": "@keys 1", "@values": [0.25, 0.75] }, point: { rate: 1 } },
      { id: 2, measures: { "@keys": "@keys 1", "@values": [0.5, 0.5] }, point: { rate: 2 } },
    ],
    shared: { "keys 1": ["accuracy under the attack", "accuracy without the attack"] },
  });
});

Deno.test("a value that occurs only in one that is shared gets no name of its own", () => {
  const inner = "z".repeat(50);
  const config = { inner, steps: 5 };
  const { shared } = compact([0, 1].map((id) => ({ a: id, b: [config, id] })));
  assert.deepEqual(Object.keys(shared), ["b 1"]);
});

const refuses = (written: Partial<Compact>, message: RegExp) =>
  assert.throws(
    () => expanded({ every: {}, cells: [{}], shared: {}, ...written }),
    (error: Error) => {
      assert.equal(error.name, "TypeError");
      assert.match(error.message, message);
      return true;
    },
  );

Deno.test("names that stand for more than memory holds are refused before it is taken", () => {
  // Ten of ten of ten of ... ten.
  const levels = Array.from({ length: 20 }, (_, i) => i);
  const shared = Object.fromEntries(
    levels.map((i) => [`a ${i}`, new Array(10).fill(i === 0 ? 1 : `@a ${i - 1}`)]),
  );
  refuses({ cells: ["@a 19"], shared }, /^it would come to over 2000000 values$/);
  const every = { a: new Array(10_000).fill(0) };
  refuses({ every, cells: new Array(1000).fill({}) }, /^it would come to over 2000000 values$/);
});

Deno.test("names that stand for themselves, or for nothing, are refused", () => {
  const loop = { "a 1": ["@b 1"], "b 1": "@a 1" };
  refuses({ cells: ["@a 1"], shared: loop }, /^something lies over 50 levels deep$/);
  refuses({ cells: [{ net: "@net 1" }] }, /^"@net 1" stands for nothing in "shared"$/);
  for (const name of ["toString", "__proto__", "constructor", ""]) {
    refuses({ cells: [[`@${name}`]] }, /stands for nothing/);
  }
  let deep: Json = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  refuses({ cells: [deep] }, /^something lies over 50 levels deep$/);
});

Deno.test("keys that do not fit their values are refused", () => {
  const wrong: Json[] = [
    { "@keys": ["a"] },
    { "@keys": ["a"], "@values": [] },
    { "@keys": [1], "@values": [1] },
    { "@keys": "a", "@values": [1] },
    { "@keys": ["a"], "@values": [1], "more": 1 },
  ];
  for (const net of wrong) {
    refuses({ cells: [{ net }] }, /^"@keys" and "@values" are no two lists of one length$/);
  }
});

Deno.test("columns that are no table are refused", () => {
  for (
    const columns of [1, [], {}, "", { a: 1 }, { a: [1], b: [1, 2] }, { a: [1], b: "a" }] as Json[]
  ) {
    refuses(
      { cells: [{ net: { "@columns": columns } }] },
      /^"@columns" has no lists of one length$/,
    );
  }
  refuses({ cells: [{ "@columns": { a: [1] }, "more": 1 }] }, /"@columns" has no lists/);
});
