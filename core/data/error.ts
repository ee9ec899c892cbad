/**
 * What is wrong with a data set: which file, what was expected, what was found, and what to do.
 * The message is meant for the person at the terminal and needs no stack trace beside it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { DataError } from "./error.ts";
 *
 * const error = new DataError("data/mnist: no such folder. Check --data-dir.");
 * assert.ok(error.name === "DataError");
 * ```
 */
export class DataError extends Error {
  override readonly name = "DataError";
}
