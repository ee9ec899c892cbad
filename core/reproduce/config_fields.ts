/** In which fields two configurations differ. */

/** A field by its path, and its value on both sides; `undefined` where a side has no such field. */
export interface FieldDifference {
  readonly path: string;
  readonly a: unknown;
  readonly b: unknown;
}

/**
 * The innermost fields that differ, in order.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { differingFields } from "./config_fields.ts";
 *
 * const a = { seed: 0, optimiser: { optimiser: "sgd", learningRate: 0.1 } };
 * const b = { seed: 0, optimiser: { optimiser: "sgd", learningRate: 0.2 } };
 * assert.deepEqual(differingFields(a, b), [{ path: "optimiser.learningRate", a: 0.1, b: 0.2 }]);
 * ```
 */
export function differingFields(a: unknown, b: unknown, path = ""): FieldDifference[] {
  if (!isObject(a) || !isObject(b)) {
    return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ path, a, b }];
  }
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) =>
    differingFields(a[key], b[key], path === "" ? key : `${path}.${key}`)
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
