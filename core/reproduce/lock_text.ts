/**
 * A lock as text that can be read and compared line by line: the cells in few bytes (compact.ts), keys
 * sorted, each member of an object or a list on a line of its own unless the whole fits on one or is a
 * list of numbers or texts only, so that a chain of weights has a line for each point.
 */
import { compact } from "./compact.ts";
import type { Lock } from "./lock.ts";

/** Wide enough for a layer, of which there are most. */
const WIDTH = 128;

/** `lock.json`. */
export function lockText(lock: Lock): string {
  const { cells, ...rest } = sorted(JSON.parse(JSON.stringify(lock)));
  return `${text(sorted({ ...rest, ...compact(cells) }))}\n`;
}

/** JSON data whose keys stand in the order of their UTF-16 code units. */
function sorted<T>(value: T): T {
  if (Array.isArray(value)) return value.map(sorted) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, value]) => [key, sorted(value)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => a < b ? -1 : 1)) as T;
}

function text(value: unknown, margin = ""): string {
  const whole = JSON.stringify(value);
  if (margin.length + whole.length <= WIDTH || !isNested(value)) return whole;
  const deeper = `${margin} `;
  const lines = Array.isArray(value)
    ? value.map((inner) => text(inner, deeper))
    : Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${text(inner, deeper)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${lines.map((line) => deeper + line).join(",\n")}\n${margin}${close}`;
}

/** Whether a value is more than one in a list of numbers and texts. */
function isNested(value: unknown): value is object {
  if (!Array.isArray(value)) return typeof value === "object" && value !== null;
  return value.some((inner) => typeof inner === "object" && inner !== null);
}
