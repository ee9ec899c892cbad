/** Names of a declaration as a reader has them. */
import { canonicalJson } from "../core/experiment/records/canonical.ts";
import { formatNumber } from "../core/experiment/records/format.ts";

/** Enough to tell the values of a sweep apart. */
const DIGITS = 3;

/**
 * A field's path: `optimiser.learningRate` as `optimiser learning rate`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { words } from "./words.ts";
 *
 * assert.equal(words("optimiser.learningRate"), "optimiser learning rate");
 * ```
 */
export function words(path: string): string {
  return path.replaceAll(".", " ").replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/**
 * A field's value: a number in few digits, an object by its fields.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { valueName } from "./words.ts";
 *
 * const values = [0.0031622776601683794, "raw", { he: 0.25 }, [3, 5]];
 * assert.deepEqual(values.map(valueName), ["0.00316", "raw", "he 0.25", "[3,5]"]);
 * ```
 */
export function valueName(value: unknown): string {
  if (typeof value === "number") return String(Number(value.toPrecision(DIGITS)));
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return canonicalJson(value);
  }
  return Object.entries(value).map(([key, of]) => `${key} ${valueName(of)}`).join(" ");
}

/** A share, 0..1, in one piece, for where lines are narrow. */
export function shareText(share: number): string {
  return formatNumber(share, "share").replace(" ", "\u00a0");
}

/** With a capital letter first. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
