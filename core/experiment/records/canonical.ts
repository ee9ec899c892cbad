/**
 * One text for one value, so that a configuration can be named by a digest: JSON as RFC 8785 writes
 * it, keys sorted by their UTF-16 code units and no white space.
 */
import { sha256 } from "../../numerics/digest.ts";

/**
 * The canonical text of JSON data. A key whose value is undefined counts as left out.
 *
 * @throws {TypeError} naming the place of anything that JSON would drop or change in silence:
 * undefined (but for an object's key), NaN, an infinity, a bigint, a symbol, a function, an object
 * of a class.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { canonicalJson } from "./canonical.ts";
 *
 * assert.equal(canonicalJson({ seed: 3, arm: "adam", note: undefined }), '{"arm":"adam","seed":3}');
 * assert.throws(() => canonicalJson({ rates: [0.1, NaN] }), /\$\.rates\[1\]: expected/);
 * ```
 */
export function canonicalJson(value: unknown): string {
  return text(value, "$");
}

/**
 * SHA-256 of the canonical text in UTF-8, as 64 lower-case hexadecimal digits.
 *
 * @throws {TypeError} as {@linkcode canonicalJson} does.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { digestOf } from "./canonical.ts";
 *
 * assert.equal(await digestOf({ a: 1, b: 2 }), await digestOf({ b: 2, a: 1 }));
 * ```
 */
export async function digestOf(value: unknown): Promise<string> {
  return await sha256(new TextEncoder().encode(canonicalJson(value)));
}

function text(value: unknown, path: string): string {
  if (value === null || typeof value === "string" || typeof value === "boolean") {
    return JSON.stringify(value);
  }
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) {
    // Array.from, since map would pass over holes.
    return `[${Array.from(value, (item, i) => text(item, `${path}[${i}]`)).join(",")}]`;
  }
  if (isPlain(value)) {
    const members = Object.keys(value)
      .filter((key) => value[key] !== undefined)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${text(value[key], below(path, key))}`);
    return `{${members.join(",")}}`;
  }
  throw new TypeError(
    `${path}: expected JSON data (null, boolean, finite number, string, array, plain object), ` +
      `found ${kind(value)}`,
  );
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function below(path: string, key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

function kind(value: unknown): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "object") return `an object of ${value?.constructor?.name || "a class"}`;
  return value === undefined ? "undefined" : `a ${typeof value}`;
}
