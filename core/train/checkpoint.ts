/**
 * Checkpoints in the safetensors format, so that PyTorch, NumPy and JAX read them as they are: the
 * length of the header (8 bytes, little endian), the header (JSON: each tensor's type, shape and
 * place), the numbers. https://github.com/huggingface/safetensors#format
 *
 * A checkpoint may come from somebody else, so reading trusts no number in it: every size is checked
 * against the bytes that are there before anything is allocated by it, and what JSON names is kept
 * in a Map. Numbers are copied as bytes, so every bit of them is kept; the format is little endian,
 * as every platform with WebGPU is.
 */

/** One named tensor to write. */
export interface CheckpointTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint32Array;
}

/** What a checkpoint held. */
export interface Checkpoint {
  /** By name, in the order of their numbers in the file. */
  readonly tensors: ReadonlyMap<
    string,
    {
      readonly shape: readonly number[];
      readonly data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
    }
  >;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A file is not a checkpoint that this project can read: which file, what was expected and found. */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
}

const LENGTH_BYTES = 8;
/** Room for the evaluations of some 35,000 epochs; a header is never longer than its file. */
const MAX_HEADER_BYTES = 8_000_000;
const METADATA = "__metadata__";
/** Characters that could rewrite a terminal's line, or that UTF-8 cannot carry. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}]/u;

/**
 * Writes a checkpoint, the tensors in the given order.
 *
 * @throws {TypeError} when two tensors have one name, a name could not be read back, a shape does
 * not fit its data, or the header would pass 8 MB.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decodeSafetensors, encodeSafetensors } from "./checkpoint.ts";
 *
 * const weights = { name: "dense.weights", shape: [2, 1], data: new Float32Array([0.5, -2]) };
 * const bytes = encodeSafetensors([weights], { step: "200" });
 * const { tensors, metadata } = decodeSafetensors(bytes, "checkpoint.safetensors");
 * assert.deepEqual(tensors.get("dense.weights")?.data, weights.data);
 * assert.equal(metadata.step, "200");
 * ```
 */
export function encodeSafetensors(
  tensors: readonly CheckpointTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  // Joined by hand: an object would put names that look like integers first.
  const entries = [`"${METADATA}":${JSON.stringify(metadata)}`];
  const names = new Set([METADATA]);
  let end = 0;
  for (const { name, shape, data } of tensors) {
    if (names.has(name)) {
      throw new TypeError(`checkpoint: expected each name once, found ${shown(name)} again`);
    }
    if (UNPRINTABLE.test(name)) {
      throw new TypeError(`checkpoint: expected a printable name, found ${shown(name)}`);
    }
    if (!isSizes(shape) || elements(shape) !== data.length) {
      throw new TypeError(
        `checkpoint: tensor ${shown(name)}: expected the product of its shape [${shape}] to be ` +
          `its number of elements, ${data.length}`,
      );
    }
    names.add(name);
    const dtype = data instanceof Float32Array ? "F32" : "U32";
    const offsets = [end, end += data.byteLength];
    entries.push(
      `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: offsets })}`,
    );
  }
  const header = new TextEncoder().encode(`{${entries.join(",")}}`);
  const headerBytes = Math.ceil(header.length / 8) * 8;
  if (headerBytes > MAX_HEADER_BYTES) {
    throw new TypeError(
      `checkpoint: expected a header of at most ${MAX_HEADER_BYTES} bytes, found ${headerBytes}; ` +
        "write fewer tensors or less metadata",
    );
  }
  const start = LENGTH_BYTES + headerBytes;
  const bytes = new Uint8Array(start + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(header, LENGTH_BYTES);
  bytes.fill(0x20, LENGTH_BYTES + header.length, start);
  let at = start;
  for (const { data } of tensors) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Reads a checkpoint from anywhere. `file` names it in errors.
 *
 * @throws {CheckpointError} when `bytes` are not a whole safetensors file of F32 and U32 tensors.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decodeSafetensors } from "./checkpoint.ts";
 *
 * assert.throws(
 *   () => decodeSafetensors(new Uint8Array(3), "runs/mlp/checkpoint.safetensors"),
 *   /^CheckpointError: runs\/mlp\/checkpoint.safetensors: expected at least 8 bytes/,
 * );
 * ```
 */
export function decodeSafetensors(bytes: Uint8Array, file: string): Checkpoint {
  const refuse: Refuse = (expected, found) => {
    throw new CheckpointError(
      `${file}: expected ${expected}, found ${found}. The file is damaged, cut short, or no ` +
        "checkpoint of this project; take another one, or remove it and run its cell anew.",
    );
  };
  const [header, start] = readHeader(bytes, refuse);
  const dataBytes = bytes.length - start;
  const places = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, entry]) => readPlace(name, entry, dataBytes, refuse))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const place of places) {
    if (place.begin !== end) {
      refuse(
        `the numbers of tensor ${shown(place.name)} to begin where the tensor before ends, at ` +
          `byte ${end} of the data`,
        `byte ${place.begin}`,
      );
    }
    end = place.end;
  }
  if (end !== dataBytes) refuse(`the tensors to fill the data, ${dataBytes} bytes`, `${end}`);
  const tensors: Checkpoint["tensors"] = new Map(places.map(({ name, shape, type, ...place }) => {
    // A copy, since the numbers may stand at an address that no Float32Array can start from.
    const copy = new Uint8Array(place.end - place.begin);
    copy.set(bytes.subarray(start + place.begin, start + place.end));
    return [name, { shape, data: new type(copy.buffer) }];
  }));
  return { tensors, metadata: readMetadata(header, refuse) };
}

type Refuse = (expected: string, found: string) => never;
type Json = Readonly<Record<string, unknown>>;

interface Place {
  readonly name: string;
  readonly type: Float32ArrayConstructor | Uint32ArrayConstructor;
  readonly shape: readonly number[];
  /** Bytes from the start of the data. */
  readonly begin: number;
  readonly end: number;
}

/** The header, and where the data starts. */
function readHeader(bytes: Uint8Array, refuse: Refuse): readonly [Json, number] {
  if (bytes.length < LENGTH_BYTES) {
    return refuse("at least 8 bytes, the length of the header", `${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) {
    return refuse(`a header of at most ${MAX_HEADER_BYTES} bytes`, `${length}`);
  }
  const start = LENGTH_BYTES + Number(length);
  if (start > bytes.length) {
    return refuse(`a header of ${length} bytes`, `only ${bytes.length - LENGTH_BYTES}`);
  }
  let header: unknown;
  try {
    // A copy, since TextDecoder takes no view of shared memory; a byte order mark is no JSON.
    const text = bytes.slice(LENGTH_BYTES, start);
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text));
  } catch {
    return refuse("a header of JSON in UTF-8", "something else");
  }
  return isObject(header) ? [header, start] : refuse("a JSON object as header", shown(header));
}

function readPlace(name: string, entry: unknown, dataBytes: number, refuse: Refuse): Place {
  if (UNPRINTABLE.test(name)) return refuse("printable names of tensors", shown(name));
  const tensor = `tensor ${shown(name)}`;
  if (!isObject(entry)) return refuse(`${tensor} to be a JSON object`, shown(entry));
  const { dtype, shape, data_offsets: offsets } = entry;
  if (dtype !== "F32" && dtype !== "U32") {
    return refuse(`${tensor} to have the dtype F32 or U32`, shown(dtype));
  }
  if (!isSizes(shape)) {
    return refuse(`the shape of ${tensor} to be a list of whole numbers from 0`, shown(shape));
  }
  if (!isSizes(offsets) || offsets.length !== 2) {
    return refuse(`two data_offsets of ${tensor}, whole numbers from 0`, shown(offsets));
  }
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > dataBytes) {
    return refuse(
      `${tensor} to lie inside the data, bytes 0 to ${dataBytes}`,
      `bytes ${begin} to ${end}`,
    );
  }
  if (elements(shape) * 4 !== end - begin) {
    return refuse(
      `${tensor} to have as many bytes as its shape has numbers, times 4`,
      `${end - begin}`,
    );
  }
  return { name, type: dtype === "F32" ? Float32Array : Uint32Array, shape, begin, end };
}

function readMetadata(header: Json, refuse: Refuse): Record<string, string> {
  const metadata = Object.hasOwn(header, METADATA) ? header[METADATA] : {};
  if (!isObject(metadata)) return refuse(`${METADATA} to be a JSON object`, shown(metadata));
  // fromEntries defines keys of its own: one named __proto__ stays a key.
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) =>
      typeof value === "string"
        ? [key, value]
        : refuse(`${METADATA} ${shown(key)} to be a string`, shown(value))
    ),
  );
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** An untrusted value for an error message: short, and with nothing that a terminal obeys. */
function shown(value: unknown): string {
  if (Array.isArray(value)) {
    const rest = value.length > 8 ? ", …" : "";
    return `[${
      value.slice(0, 8).map((item) => Array.isArray(item) ? "[…]" : shown(item)).join(", ")
    }${rest}]`;
  }
  if (typeof value === "object" && value !== null) return "a JSON object";
  if (typeof value !== "string") return String(value);
  const short = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  return JSON.stringify(short).replace(
    new RegExp(UNPRINTABLE, "gu"),
    (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`,
  );
}
