/**
 * A lock as text that can be read and compared line by line: keys sorted, an object's members each
 * on a line of their own unless the whole fits on one, so that a chain of weights has a line for
 * each point.
 */
import stringify from "json-stringify-pretty-compact";
import type { Lock } from "./lock.ts";

/** Wide enough for an evaluation, of which there are most. */
const WIDTH = 128;

/** `lock.json`. */
export function lockText(lock: Lock): string {
  return `${stringify(sorted(JSON.parse(JSON.stringify(lock))), { maxLength: WIDTH })}\n`;
}

/** JSON data whose keys stand in the order of their UTF-16 code units. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, value]) => [key, sorted(value)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => a < b ? -1 : 1));
}
