import assert from "node:assert/strict";
import fc from "fast-check";
import {
  CheckpointError,
  type CheckpointTensor,
  decodeSafetensors,
  encodeSafetensors,
} from "../../core/train/checkpoint.ts";
import { pythonBytes, pythonHas } from "../python.ts";

const FILE = "runs/mlp/checkpoint.safetensors";

/** A file of any header text and `dataBytes` zeros. */
function fileOf(header: string | object, dataBytes = 0): Uint8Array<ArrayBuffer> {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const bytes = new TextEncoder().encode(text);
  const file = new Uint8Array(8 + bytes.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(bytes.length), true);
  file.set(bytes, 8);
  return file;
}

const f32 = (shape: unknown, begin: unknown, end: unknown) => ({
  dtype: "F32",
  shape,
  data_offsets: [begin, end],
});

function refusal(bytes: Uint8Array): string {
  try {
    decodeSafetensors(bytes, FILE);
  } catch (error) {
    assert.ok(error instanceof CheckpointError, String(error));
    assert.ok(error.message.startsWith(`${FILE}: expected `), error.message);
    return error.message;
  }
  return assert.fail("expected a CheckpointError");
}

// save({"e": zeros((0, 3), float32), "s": array(3, float32), "w": array([[1.5, -2, 0.25]], float32),
// "n": array([7, 4294967295], uint32)}, {"step": "200"}) of safetensors.numpy 0.8.0.
const PYTHON_TENSORS: readonly CheckpointTensor[] = [
  { name: "e", shape: [0, 3], data: new Float32Array() },
  { name: "s", shape: [], data: Float32Array.of(3) },
  { name: "w", shape: [1, 3], data: Float32Array.of(1.5, -2, 0.25) },
  { name: "n", shape: [2], data: Uint32Array.of(7, 4294967295) },
];
const PYTHON_FILE = Uint8Array.from([
  ...[0, 1, 0, 0, 0, 0, 0, 0],
  ...new TextEncoder().encode(
    '{"__metadata__":{"step":"200"},"e":{"dtype":"F32","shape":[0,3],"data_offsets":[0,0]},' +
      '"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]},' +
      '"w":{"dtype":"F32","shape":[1,3],"data_offsets":[4,16]},' +
      '"n":{"dtype":"U32","shape":[2],"data_offsets":[16,24]}}       ',
  ),
  ...[0, 0, 0x40, 0x40, 0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0x80, 0x3e],
  ...[7, 0, 0, 0, 255, 255, 255, 255],
]);

Deno.test("encodeSafetensors() writes the bytes that Python's safetensors wrote", () => {
  assert.deepEqual(encodeSafetensors(PYTHON_TENSORS, { step: "200" }), PYTHON_FILE);
});

Deno.test("decodeSafetensors() reads the bytes that Python's safetensors wrote", () => {
  const { tensors, metadata } = decodeSafetensors(PYTHON_FILE, FILE);
  assert.deepEqual(
    [...tensors].map(([name, { shape, data }]) => ({ name, shape, data })),
    PYTHON_TENSORS,
  );
  assert.deepEqual(metadata, { step: "200" });
});

const PYTHON = `
import sys
from safetensors.numpy import load, save
sys.stdout.buffer.write(save(load(sys.stdin.buffer.read())))
`;

Deno.test({
  name: "Python's safetensors reads and writes checkpoints as they are " +
    "(needs --allow-run=python3 and `pip install safetensors numpy`)",
  ignore: !await pythonHas("safetensors.numpy"),
  fn: async () => {
    const written = encodeSafetensors(PYTHON_TENSORS, { step: "200" });
    const { tensors } = decodeSafetensors(await pythonBytes(["-c", PYTHON], written), FILE);
    for (const { name, shape, data } of PYTHON_TENSORS) {
      assert.deepEqual(tensors.get(name), { shape, data });
    }
  },
});

const tensor = fc.record({
  name: fc.oneof(
    fc.string({ unit: "grapheme" }).filter((name) => !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(name)),
    fc.nat(20).map(String),
    fc.constantFrom("__proto__", "constructor", "toString"),
  ),
  shape: fc.array(fc.nat(4), { maxLength: 4 }),
  float: fc.boolean(),
  seed: fc.nat(),
}).map(({ name, shape, float, seed }): CheckpointTensor => {
  const length = shape.reduce((product, n) => product * n, 1);
  const words = Uint32Array.from({ length }, (_, i) => Math.imul(i + seed, 0x9e3779b1) >>> 0);
  return { name, shape, data: float ? new Float32Array(words.buffer) : words };
});
const tensorsOf = fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 6 });
const metadataOf = fc.dictionary(
  fc.oneof(fc.string({ unit: "binary" }), fc.constant("__proto__")),
  fc.string({ unit: "binary" }),
  { noNullPrototype: true },
);

/** The bits, so that NaN and -0 are told apart. */
function bits({ buffer, byteOffset, length }: Float32Array | Uint32Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length).slice();
}

Deno.test("decodeSafetensors() gives back what encodeSafetensors() was given, bit for bit", () => {
  fc.assert(fc.property(tensorsOf, metadataOf, fc.nat(7), (tensors, metadata, shift) => {
    const bytes = encodeSafetensors(tensors, metadata);
    const moved = new Uint8Array(bytes.length + shift).subarray(shift);
    moved.set(bytes);
    const read = decodeSafetensors(moved, FILE);
    assert.equal(read.tensors.size, tensors.length);
    for (const { name, shape, data } of tensors) {
      const found = read.tensors.get(name)!;
      assert.deepEqual(found.shape, shape);
      assert.equal(found.data.constructor, data.constructor);
      assert.deepEqual(bits(found.data), bits(data));
    }
    assert.deepEqual(Object.entries(read.metadata).sort(), Object.entries(metadata).sort());
  }));
});

Deno.test("encodeSafetensors() puts the numbers at a multiple of 8 bytes, in the given order", () => {
  fc.assert(fc.property(tensorsOf, (tensors) => {
    const bytes = encodeSafetensors(tensors, {});
    const start = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
    assert.equal(start % 8, 0);
    assert.deepEqual(
      new Uint32Array(bytes.slice(start).buffer),
      Uint32Array.from(tensors.flatMap(({ data }) => [...bits(data)])),
    );
  }));
});

Deno.test("decodeSafetensors() keeps the order of the file, also for names like integers", () => {
  const tensors = ["b", "2", "a", "1"].map((name) => ({
    name,
    shape: [],
    data: Uint32Array.of(1),
  }));
  const read = decodeSafetensors(encodeSafetensors(tensors, {}), FILE);
  assert.deepEqual([...read.tensors.keys()], ["b", "2", "a", "1"]);
});

Deno.test("encodeSafetensors() reads views of a larger, shared buffer", () => {
  const whole = new Float32Array(new SharedArrayBuffer(16));
  whole.set([1, 2, 3, 4]);
  const bytes = encodeSafetensors([{ name: "w", shape: [2], data: whole.subarray(1, 3) }], {});
  const read = decodeSafetensors(bytes, FILE).tensors.get("w")!;
  assert.deepEqual(read.data, Float32Array.of(2, 3));
});

Deno.test("decodeSafetensors() reads a view of shared memory into memory of its own", () => {
  const shared = new Uint8Array(new SharedArrayBuffer(PYTHON_FILE.length));
  shared.set(PYTHON_FILE);
  const { data } = decodeSafetensors(shared, FILE).tensors.get("w")!;
  shared.fill(0);
  assert.deepEqual(data, Float32Array.of(1.5, -2, 0.25));
});

Deno.test("decodeSafetensors() reads a file without metadata or tensors", () => {
  assert.deepEqual(decodeSafetensors(fileOf("{}"), FILE), { tensors: new Map(), metadata: {} });
});

Deno.test("decodeSafetensors() leaves Object.prototype alone", () => {
  const header = '{"__metadata__":{"__proto__":"x"},"__proto__":' +
    '{"dtype":"U32","shape":[1],"data_offsets":[0,4]}}';
  const { tensors, metadata } = decodeSafetensors(fileOf(header, 4), FILE);
  assert.deepEqual([...tensors.keys()], ["__proto__"]);
  assert.deepEqual(Object.entries(metadata), [["__proto__", "x"]]);
  assert.equal(Object.getPrototypeOf(metadata), Object.prototype);
});

const one = { name: "w", shape: [1], data: Float32Array.of(1) };
for (
  const [fault, tensors, expected] of [
    ["a name used twice", [one, one], 'expected each name once, found "w" again'],
    ["the name of the metadata", [{ ...one, name: "__metadata__" }], "expected each name once"],
    ["a line break in a name", [{ ...one, name: "a\nb" }], 'printable name, found "a\\nb"'],
    ["a lone surrogate in a name", [{ ...one, name: "\ud800" }], 'found "\\ud800"'],
    ["a shape of another size", [{ ...one, shape: [2, 3] }], "shape [2,3] to be its number of"],
    ["negative lengths", [{ ...one, shape: [-1, -1] }], "shape [-1,-1] to be its number of"],
    [
      "more than 8 MB of header",
      [{ ...one, name: "w".repeat(8_000_000) }],
      "at most 8000000 bytes",
    ],
  ] as const
) {
  Deno.test(`encodeSafetensors() refuses ${fault}`, () => {
    assert.throws(() => encodeSafetensors(tensors, {}), (error: unknown) => {
      assert.ok(error instanceof TypeError);
      assert.ok(error.message.includes(expected), error.message);
      return true;
    });
  });
}

function lengthOnly(length: bigint): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  return bytes;
}

const deep = "[".repeat(400_000) + "]".repeat(400_000);
for (
  const [fault, bytes, expected] of [
    ["an empty file", new Uint8Array(), "at least 8 bytes, the length of the header, found 0."],
    ["a header longer than 8 MB", lengthOnly(8_000_001n), "at most 8000000 bytes, found 8000001."],
    [
      "a header length of 2^64 - 1",
      lengthOnly(2n ** 64n - 1n),
      "at most 8000000 bytes, found 18446744073709551615.",
    ],
    ["a header longer than the file", lengthOnly(9n), "a header of 9 bytes, found only 8."],
    ["a header that is no JSON", fileOf("{nonsense}"), "a header of JSON in UTF-8"],
    ["a header that is no UTF-8", Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 255), "JSON in UTF-8"],
    ["a byte order mark", fileOf("\ufeff{}"), "JSON in UTF-8"],
    ["an empty header", fileOf(""), "JSON in UTF-8"],
    ["a list as header", fileOf("[]"), "a JSON object as header, found []."],
    ["null as header", fileOf("null"), "a JSON object as header, found null."],
    ["a deep list as header", fileOf(deep), "a JSON object as header, found [[…]]."],
    ["a number for a tensor", fileOf({ w: 3 }), 'tensor "w" to be a JSON object, found 3.'],
    ["a control character in a name", fileOf({ "a\u001b[2J": f32([0], 0, 0) }), '"a\\u001b[2J"'],
    ["a C1 control character in a name", fileOf({ "\u009b2J": f32([0], 0, 0) }), '"\\u009b2J"'],
    ["a change of direction in a name", fileOf({ "\u202e": f32([0], 0, 0) }), '"\\u202e"'],
    [
      "another dtype",
      fileOf({ w: { ...f32([1], 0, 2), dtype: "F16" } }, 2),
      'tensor "w" to have the dtype F32 or U32, found "F16".',
    ],
    ["no dtype", fileOf({ w: { shape: [], data_offsets: [0, 0] } }), "found undefined."],
    ["a shape that is no list", fileOf({ w: f32(4, 0, 16) }, 16), 'the shape of tensor "w"'],
    ["a negative length", fileOf({ w: f32([-1, -1], 0, 4) }, 4), "found [-1, -1]."],
    ["half a length", fileOf({ w: f32([0.5, 2], 0, 4) }, 4), "found [0.5, 2]."],
    ["a text as length", fileOf({ w: f32(["1"], 0, 4) }, 4), 'found ["1"].'],
    ["a length beyond 2^53", fileOf({ w: f32([2 ** 53], 0, 4) }, 4), "found [9007199254740992]."],
    [
      "an infinite length",
      fileOf('{"w":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}}', 4),
      "found [Infinity].",
    ],
    [
      "a shape whose product overflows 32 bits to the right size",
      fileOf({ w: f32([65536, 65536], 0, 0) }),
      'tensor "w" to have as many bytes as its shape has numbers, times 4, found 0.',
    ],
    [
      "a shape whose product overflows to infinity",
      fileOf({ w: f32([...Array(30).fill(2 ** 52), 0], 0, 0) }),
      "as many bytes as its shape has numbers",
    ],
    ["a shape of another size", fileOf({ w: f32([2], 0, 4) }, 4), "times 4, found 4."],
    ["no data_offsets", fileOf({ w: { dtype: "F32", shape: [] } }), "two data_offsets of tensor"],
    [
      "three data_offsets",
      fileOf({ w: { dtype: "F32", shape: [1], data_offsets: [0, 4, 8] } }, 4),
      "found [0, 4, 8].",
    ],
    ["a negative offset", fileOf({ w: f32([2], -4, 4) }, 4), "found [-4, 4]."],
    ["half an offset", fileOf({ w: f32([1], 0.5, 4.5) }, 5), "found [0.5, 4.5]."],
    ["an end before its begin", fileOf({ w: f32([1], 4, 0) }, 4), "found bytes 4 to 0."],
    [
      "an end beyond the file",
      fileOf({ w: f32([2], 0, 8) }, 4),
      'tensor "w" to lie inside the data, bytes 0 to 4, found bytes 0 to 8.',
    ],
    [
      "overlapping tensors",
      fileOf({ a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12),
      'the numbers of tensor "b" to begin where the tensor before ends, at byte 8',
    ],
    [
      "two tensors in one place",
      fileOf({ a: f32([1], 0, 4), b: f32([1], 0, 4) }, 4),
      "at byte 4 of the data, found byte 0.",
    ],
    ["a hole", fileOf({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12), "found byte 8."],
    [
      "a hole at the start",
      fileOf({ a: f32([1], 4, 8) }, 8),
      "at byte 0 of the data, found byte 4.",
    ],
    ["bytes after the tensors", fileOf({ a: f32([1], 0, 4) }, 6), "the data, 6 bytes, found 4."],
    [
      "a name twice, since it leaves a hole",
      fileOf(
        '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},' +
          '"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
        8,
      ),
      "at byte 0 of the data, found byte 4.",
    ],
    ["metadata that is a list", fileOf({ __metadata__: [] }), "__metadata__ to be a JSON object"],
    [
      "metadata that is no text",
      fileOf({ __metadata__: { step: 200 } }),
      '__metadata__ "step" to be a string, found 200.',
    ],
    [
      "metadata under __proto__ that is no text",
      fileOf('{"__metadata__":{"__proto__":{"polluted":true}}}'),
      '__metadata__ "__proto__" to be a string, found a JSON object.',
    ],
  ] as const
) {
  Deno.test(`decodeSafetensors() refuses ${fault}`, () => {
    const text = refusal(bytes);
    assert.ok(text.includes(expected), text);
    assert.ok(text.length < 600, `${text.length} characters`);
  });
}

Deno.test("decodeSafetensors() says what to do with a file it refuses", () => {
  assert.ok(
    refusal(new Uint8Array()).endsWith("take another one, or remove it and run its cell anew."),
  );
});

Deno.test("decodeSafetensors() refuses every file that was cut short", () => {
  for (let length = 0; length < PYTHON_FILE.length; length++) {
    refusal(PYTHON_FILE.subarray(0, length));
  }
});

Deno.test("decodeSafetensors() answers any damage with a CheckpointError or other numbers", () => {
  fc.assert(fc.property(
    fc.array(fc.tuple(fc.nat(PYTHON_FILE.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
    (changes) => {
      const bytes = PYTHON_FILE.slice();
      for (const [at, byte] of changes) bytes[at] = byte;
      try {
        decodeSafetensors(bytes, FILE);
      } catch (error) {
        assert.ok(error instanceof CheckpointError, String(error));
      }
    },
  ));
});
