/**
 * Records in few bytes. The cells of an experiment say much the same: one net for all seeds, the same
 * digests, the same device. Four rewritings write it once; none loses anything, and what comes out
 * is still JSON that can be read and compared line by line:
 *
 * - `every` has what more than half of the records say, and a record only what it says besides;
 * - a list of objects with the same keys becomes `{ "@columns": ... }`, a list for each key;
 * - an object whose keys are long and those of another one too becomes `{ "@keys": ..., "@values": ... }`;
 * - a value that occurs again is written once in `shared`, and a text like `"@net 2"`, named for where
 *   it was met first, stands for it.
 *
 * So a sign `@` in front means something; a record's own text or key that has one gets a second.
 */

/** JSON data. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
type JsonObject = { readonly [key: string]: Json };

/** Records in few bytes. */
export interface Compact {
  readonly every: JsonObject;
  /** One for each record. */
  readonly cells: readonly Json[];
  readonly shared: JsonObject;
}

const SIGN = "@";
const COLUMNS = "@columns";
const KEYS = "@keys";
const VALUES = "@values";

/** Shorter values are written again: a name in their place would say less in as many characters. */
const LEAST_SHARED = 32;

/**
 * How many values a lock may come to, and how deep: a few names could stand for more than any memory
 * holds. A lock of 1 MB comes to some 130,000.
 */
const MOST_VALUES = 2_000_000;
const DEEPEST = 50;

/**
 * Writes records in few bytes, the same ones in the same way.
 *
 * @param records objects whose keys are sorted.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { compact, expanded } from "./compact.ts";
 *
 * const net = "a long list of layers, as it were";
 * const records = ["a", "b", "c"].map((id) => ({ id, net: id === "a" ? "" : net, steps: 9 }));
 * const small = compact(records);
 * assert.deepEqual(small.every, { net, steps: 9 });
 * assert.deepEqual(small.cells, [{ id: "a", net: "" }, { id: "b" }, { id: "c" }]);
 * assert.deepEqual(expanded(small), records);
 * ```
 */
export function compact(records: readonly JsonObject[]): Compact {
  const written = records.map(columned);
  const every = common(written) as JsonObject | undefined ?? {};
  const cells = written.map((record) => without(record, every) ?? {});
  return share({ every, cells: keyed(cells) });
}

/**
 * The records that were written so.
 *
 * @throws {TypeError} when they were not, or would come to more than a lock may.
 */
export function expanded({ every, cells, shared }: Compact): Json[] {
  let left = MOST_VALUES;
  const named = (value: Json, depth = 0): Json => {
    if (--left < 0) throw new TypeError(`it would come to over ${MOST_VALUES} values`);
    if (depth > DEEPEST) throw new TypeError(`something lies over ${DEEPEST} levels deep`);
    if (typeof value !== "string" || !value.startsWith(SIGN) || isEscaped(value)) {
      return mapped(value, (inner) => named(inner, depth + 1));
    }
    const name = value.slice(SIGN.length);
    if (Object.hasOwn(shared, name)) return named(shared[name]!, depth + 1);
    throw new TypeError(`"${value}" stands for nothing in "shared"`);
  };
  return cells.map((cell) => restored(joined(unkeyed(named(cell)), named(every))));
}

/** Lists of like objects by their columns, and own signs doubled. */
function columned(value: Json): Json {
  if (typeof value === "string") return escaped(value);
  const keys = Array.isArray(value) ? likeKeys(value) : undefined;
  if (!keys) return mapped(value, columned, escaped);
  const rows = value as readonly JsonObject[];
  return {
    [COLUMNS]: Object.fromEntries(
      keys.map((key) => [escaped(key), columned(rows.map((row) => row[key]!))]),
    ),
  };
}

/** The keys of two or more objects that have the same ones. */
function likeKeys(items: readonly Json[]): string[] | undefined {
  if (items.length < 2 || !items.every(isObject)) return undefined;
  const keys = Object.keys(items[0]!);
  const like = keys.length > 0 && items.every((item) => {
    const own = Object.keys(item);
    return own.length === keys.length && own.every((key, i) => key === keys[i]);
  });
  return like ? keys : undefined;
}

/** What {@link columned} was given. */
function restored(value: Json): Json {
  if (typeof value === "string") return unescaped(value);
  if (!isObject(value) || !Object.hasOwn(value, COLUMNS)) return mapped(value, restored, unescaped);
  const columns = restored(value[COLUMNS]!);
  const lists = isObject(columns) ? Object.values(columns) : [];
  const [first] = lists;
  const isTable = Object.keys(value).length === 1 && Array.isArray(first) &&
    lists.every((list) => Array.isArray(list) && list.length === first.length);
  if (!isTable) throw new TypeError(`"${COLUMNS}" has no lists of one length`);
  const keys = Object.keys(columns as JsonObject);
  return first.map((_, i) =>
    Object.fromEntries(keys.map((key, k) => [key, (lists[k] as readonly Json[])[i]!]))
  );
}

/** What more than half of some values say, of objects what they all have a key for. */
function common(values: readonly Json[]): Json | undefined {
  if (values.length > 0 && values.every(isObject)) {
    const keys = Object.keys(values[0]!)
      .filter((key) => values.every((value) => Object.hasOwn(value, key)));
    return Object.fromEntries(keys.flatMap((key) => {
      const found = common(values.map((value) => value[key]!));
      return found === undefined ? [] : [[key, found] as const];
    }));
  }
  const texts = Map.groupBy(values, (value) => JSON.stringify(value));
  const most = [...texts.values()]
    .find((same) => same.length > 1 && 2 * same.length > values.length)?.[0];
  // Another object, in which some of its keys may be missing, would be taken for the rest of it.
  return isObject(most) ? undefined : most;
}

/** Values whose objects, below the outermost, are apart from their keys where these occur again. */
function keyed(values: readonly Json[]): Json[] {
  const times = new Map<string, number>();
  const count = (value: Json) => {
    if (typeof value !== "object" || value === null) return;
    if (isObject(value)) {
      const keys = JSON.stringify(Object.keys(value));
      times.set(keys, (times.get(keys) ?? 0) + 1);
    }
    Object.values(value).forEach(count);
  };
  values.forEach(count);
  const split = (value: Json): Json => {
    const inner = mapped(value, split);
    if (!isObject(inner)) return inner;
    const keys = Object.keys(inner);
    const text = JSON.stringify(keys);
    if (text.length < LEAST_SHARED || times.get(text)! < 2) return inner;
    return { [KEYS]: keys, [VALUES]: Object.values(inner) };
  };
  return values.map((value) => mapped(value, split));
}

/** What {@link keyed} was given. */
function unkeyed(value: Json): Json {
  const inner = mapped(value, unkeyed);
  if (!isObject(inner) || !Object.hasOwn(inner, KEYS)) return inner;
  const { [KEYS]: keys, [VALUES]: values } = inner;
  const fits = Object.keys(inner).length === 2 && Array.isArray(keys) && Array.isArray(values) &&
    keys.length === values.length && keys.every((key) => typeof key === "string");
  if (!fits) throw new TypeError(`"${KEYS}" and "${VALUES}" are no two lists of one length`);
  return Object.fromEntries(keys.map((key, i) => [key, (values as readonly Json[])[i]!]));
}

/** What a value says besides what all have in common; `undefined` for nothing. */
function without(value: Json, all: Json | undefined): Json | undefined {
  if (all === undefined) return value;
  if (!isObject(value) || !isObject(all)) {
    return JSON.stringify(value) === JSON.stringify(all) ? undefined : value;
  }
  const own = Object.entries(value).flatMap(([key, inner]) => {
    const rest = without(inner, Object.hasOwn(all, key) ? all[key] : undefined);
    return rest === undefined ? [] : [[key, rest] as const];
  });
  return own.length === 0 ? undefined : Object.fromEntries(own);
}

/** A value with what all have in common; keys sorted. */
function joined(own: Json, all: Json): Json {
  if (!isObject(own) || !isObject(all)) return own;
  const entries = Object.entries(own).map(([key, value]) =>
    [key, Object.hasOwn(all, key) ? joined(value, all[key]!) : value] as const
  );
  const rest = Object.entries(all).filter(([key]) => !Object.hasOwn(own, key));
  return Object.fromEntries([...entries, ...rest].sort(([a], [b]) => a < b ? -1 : 1));
}

/** Names for what occurs again. */
function share({ every, cells }: Omit<Compact, "shared">): Compact {
  const times = new Map<string, number>();
  const count = (value: Json) => {
    const text = JSON.stringify(value);
    const before = times.get(text) ?? 0;
    times.set(text, before + 1);
    // What lies in something shared is written once already.
    if (before === 0 && typeof value === "object" && value !== null) {
      Object.values(value).forEach(count);
    }
  };
  count(every);
  cells.forEach(count);
  const names = new Map<string, string>();
  const met = new Map<string, number>();
  const shared: [string, Json][] = [];
  const put = (value: Json, key: string): Json => {
    const write = () => mapped(value, (inner, at) => put(inner, at ?? key));
    const text = JSON.stringify(value);
    const isShared = typeof value === "string" || typeof value === "object";
    if (!isShared || text.length < LEAST_SHARED || times.get(text)! < 2) return write();
    if (!names.has(text)) {
      const where = key.replace(/^@+/, "");
      met.set(where, (met.get(where) ?? 0) + 1);
      names.set(text, `${where} ${met.get(where)}`);
      shared.push([names.get(text)!, write()]);
    }
    return SIGN + names.get(text);
  };
  const top = (value: Json) => mapped(value, (inner, key) => put(inner, key!));
  return {
    every: top(every) as JsonObject,
    cells: cells.map(top),
    shared: Object.fromEntries(shared),
  };
}

/** A value with each of its own values, and keys, in the place of which others come. */
function mapped(
  value: Json,
  change: (inner: Json, key?: string) => Json,
  rename: (key: string) => string = (key) => key,
): Json {
  if (Array.isArray(value)) return value.map((inner) => change(inner));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [rename(key), change(inner, key)]),
  );
}

function escaped(text: string): string {
  return text.startsWith(SIGN) ? SIGN + text : text;
}

function isEscaped(text: string): boolean {
  return text.startsWith(SIGN + SIGN);
}

function unescaped(text: string): string {
  return isEscaped(text) ? text.slice(SIGN.length) : text;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
