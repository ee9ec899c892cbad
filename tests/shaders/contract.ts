/**
 * The arithmetic contract (DESIGN.md) as rules over the text of a shader, as far as text can tell.
 *
 * What no text tells, and the kernel tests and the torture set must: whether a kernel adds in its
 * stated order, whether values lie in a function's domain, whether an index is in bounds, whether a
 * compared number was flushed, from what the sums start that a kernel keeps in arrays or in a
 * workgroup's memory, whether a barrier stands between its writers and readers, and what a driver
 * does behind a select, which may hide anything.
 *
 * Texts are read under the fused spelling of products, in which a product that goes through mul()
 * can be told from one that does not.
 */
import { BUILT_INS } from "./built_ins.ts";
import type { Reading, Seen } from "./reader.ts";
import { factors, isConstant, isProduct, terms, type Value } from "./values.ts";

/** Something that the contract forbids. */
export interface Finding {
  readonly rule: string;
  readonly what: string;
  /** The function, and its line in the text, from 1 on. */
  readonly within: string;
  readonly line: number;
}

type Found = Omit<Finding, "rule">;

/** One rule. */
export interface Rule {
  readonly name: string;
  /** Of DESIGN.md's contract. */
  readonly point: number;
  find(reading: Reading): Iterable<Found>;
}

const SCALARS = new Set(["f32", "u32", "i32", "bool"]);

/** The rules, in words that a finding says. */
export const RULES: readonly Rule[] = [
  {
    // exp, sqrt, dot, mix, round, pack..., dpdx, atomic... and subgroup... are not in built_ins.ts.
    name: "only built-ins that give the same everywhere",
    point: 3,
    *find({ names, declared }) {
      for (const one of names) {
        if (one.what !== "function" || declared.has(one.name) || BUILT_INS.has(one.name)) continue;
        yield { ...one, what: `${one.name}()` };
      }
    },
  },
  {
    // Of products of matrices a vendor chooses the order of the sums.
    name: "only scalars, vectors and arrays of f32, u32, i32 and bool",
    point: 1,
    *find({ names }) {
      for (const one of names) {
        const scalar = /^vec[234]/.test(one.name) ? component(one.name) : one.name;
        if (one.what === "type" && !SCALARS.has(scalar)) yield { ...one, what: one.name };
      }
    },
  },
  {
    name: "no extension and no construct that this watch cannot read",
    point: 4,
    *find({ names }) {
      for (const one of names) {
        if (one.what === "extension" || one.what === "statement") yield { ...one, what: one.name };
      }
    },
  },
  {
    name: "no division and no remainder of floats",
    point: 3,
    find: ({ operations }) => operations.filter(isOne("f32", "/", "%")).map(said),
  },
  {
    name: "no division, remainder or index of signed integers",
    point: 7,
    *find({ operations, indices }) {
      yield* operations.filter(isOne("i32", "/", "%")).map(said);
      yield* indices.filter(({ value }) => value.kind === "i32").map(said);
    },
  },
  {
    name: "fma() only as a spelling of products: in mul(), with the loaded -0",
    point: 1,
    *find({ operations }) {
      for (const one of operations) {
        const { operation, from: [, , third] } = one.value;
        if (operation !== "fma") continue;
        if (/^mul4?$/.test(one.within) && third!.name === "contract.negative_zero") continue;
        yield { ...one, what: "fma()" };
      }
    },
  },
  {
    // That the range was checked, only the exemption's reason says.
    name: "a float becomes an integer only where its range is known",
    point: 7,
    *find({ operations }) {
      for (const one of operations) {
        const { operation, kind, from: [from] } = one.value;
        if (operation === "convert" && from!.kind === "f32" && /^[iu]32$/.test(kind)) {
          yield said(one);
        }
      }
    },
  },
  {
    name: "an integer becomes a float only with 24 bits at most",
    point: 7,
    *find({ operations }) {
      for (const one of operations) {
        const { operation, kind, from: [from] } = one.value;
        if (operation !== "convert" || kind !== "f32" || !/^[iu]32$/.test(from!.kind)) continue;
        if (!hasFewBits(from!)) yield said(one);
      }
    },
  },
  {
    name: "a product that goes into a sum is spelled mul(), or stands behind a barrier",
    point: 1,
    *find({ operations }) {
      for (const { one, parts } of sums(operations)) {
        if (parts.some(({ value }) => mayBePlainProduct(value))) {
          yield { ...one, what: "s + a * b" };
        }
      }
    },
  },
  {
    // By a power of two a product is exact, so that merging it with another one changes nothing.
    name: "constants that follow each other are combined on the host",
    point: 2,
    *find({ operations }) {
      for (const { one, parts } of sums(operations)) {
        if (parts.filter(({ value }) => isConstant(value)).length > 1) {
          yield { ...one, what: "(x + c1) + c2" };
        }
      }
      for (const one of operations) {
        if (one.value.kind !== "f32" || !isProduct(one.value)) continue;
        const inexact = factors(one.value).filter((value) => isConstant(value) && !isExact(value));
        if (inexact.length > 1) yield { ...one, what: "(x * c1) * c2" };
      }
    },
  },
  {
    // Drivers turn 1 + (a + b) into (1 + a) + b.
    name: "a constant is added before the other terms, or to what stands behind a barrier",
    point: 2,
    *find({ operations }) {
      for (const { one } of sums(operations)) {
        const { from } = one.value;
        if (from.some(isConstant) && from.some(({ operation }) => /^[+-]$/.test(operation))) {
          yield { ...one, what: "c + (x + y)" };
        }
      }
    },
  },
  {
    name: "terms that share a factor have a barrier on one side",
    point: 2,
    *find({ operations }) {
      for (const { one, parts } of sums(operations)) {
        const [products, others] = [true, false].map((wanted) =>
          parts.map(({ value }) => value).filter((value) => isProduct(value) === wanted)
        ) as [Value[], Value[]];
        // A constant alone is no factor: Horner's scheme adds one to a product with another.
        const met = new Set(others.filter((value) => !isConstant(value)));
        for (const product of products) {
          const own = new Set(factors(product));
          if (!met.isDisjointFrom(own)) yield { ...one, what: "x * z + y * z" };
          own.forEach((factor) => met.add(factor));
        }
      }
    },
  },
  {
    // Of integers too: `u - u` makes no barrier, since drivers know that it is 0.
    name: "nothing is taken from itself",
    point: 2,
    *find({ operations }) {
      for (const one of operations) {
        const { operation, from: [left, right] } = one.value;
        if (operation !== "-" && operation !== "^") continue;
        if (left === right && !isConstant(left!)) yield { ...one, what: "u - u, or u ^ u" };
        if (operation === "^" && (isZero(left!) || isZero(right!))) yield { ...one, what: "u ^ 0" };
      }
      for (const { one, parts } of sums(operations)) {
        const [added, taken] = [false, true].map((sign) =>
          new Set(parts.filter(({ negative }) => negative === sign).map(({ value }) => value))
        ) as [Set<Value>, Set<Value>];
        if (!added.isDisjointFrom(taken)) yield { ...one, what: "(x + y) - y" };
      }
    },
  },
  {
    name: "a sum starts from what was loaded, not from a literal",
    point: 2,
    *find({ operations }) {
      for (const { one, parts } of sums(operations)) {
        if (parts.some(({ value }) => isZero(value) || startsFromLiteral(value))) {
          yield { ...one, what: "var s = 0.0; s = s + x" };
        }
      }
    },
  },
  {
    // What was loaded was flushed when it was stored.
    name: "a float that is stored was flushed",
    point: 5,
    *find({ stores }) {
      for (const one of stores) {
        if (one.value.kind === "f32" && !isFlushed(one.value)) yield said(one);
      }
    },
  },
];

/** All that a text does against the contract, once for each line. */
export function watch(reading: Reading): Finding[] {
  const found = new Map<string, Finding>();
  for (const { name, find } of RULES) {
    for (const { what, within, line } of find(reading)) {
      found.set([name, what, line].join(), { rule: name, what, within, line });
    }
  }
  return [...found.values()];
}

function component(vector: string): string {
  const short = { f: "f32", u: "u32", i: "i32", b: "bool" }[vector[4]!];
  return short ?? vector;
}

function isOne(kind: string, ...operations: readonly string[]) {
  return ({ value }: Seen) => value.kind === kind && operations.includes(value.operation);
}

function said(one: Seen): Found {
  const { operation, kind } = one.value;
  return { ...one, what: `${kind} ${operation}` };
}

/** The sums of floats among what was seen, with their terms. */
function* sums(operations: readonly Seen[]) {
  for (const one of operations) {
    if (one.value.kind !== "f32" || !/^[+-]$/.test(one.value.operation)) continue;
    yield { one, parts: terms(one.value) };
  }
}

/** A power of two. */
function isExact({ number = NaN }: Value): boolean {
  return Number.isInteger(Math.log2(Math.abs(number)));
}

function isZero({ number }: Value): boolean {
  return number === 0;
}

/** Its sign apart, which a fused product takes along, or on some way to it. */
function mayBePlainProduct({ operation, from }: Value): boolean {
  return operation === "*" || (/^(abs|either)$/.test(operation) && from.some(mayBePlainProduct));
}

function startsFromLiteral({ operation, from: [first] }: Value): boolean {
  if (operation === "part") return startsFromLiteral(first!);
  return operation === "loop" && mayBeLiteral(first!);
}

/** On some way to it, through loops around it and branches before it. */
function mayBeLiteral(value: Value): boolean {
  const { operation, from } = value;
  if (operation === "select") return from.slice(0, 2).some(mayBeLiteral);
  return isConstant(value) || (/^(loop|either)$/.test(operation) && from.some(mayBeLiteral));
}

/** Shifted down by eight bits or more, and at most one more than that. */
function hasFewBits({ operation, from: [left, right] }: Value): boolean {
  if (operation === "+") return hasFewBits(left!) && right!.number === 1;
  return operation === ">>" && (right!.number ?? 0) >= 8;
}

function isFlushed(value: Value): boolean {
  const { operation, from } = value;
  switch (operation) {
    case "select":
      return isTestOfBits(from[2]!, from[0]!) || from.slice(0, 2).every(isFlushed);
    case "compose":
    case "either":
    case "returned":
      return from.every(isFlushed);
    case "loop":
    case "load":
    case "constant":
      return true;
    case "part":
      return isFlushed(from[0]!);
    default:
      return value.kind === "unknown";
  }
}

/** `bits < threshold` of the number's own bits, which is how it is flushed. */
function isTestOfBits({ operation, from: [left, right] }: Value, number: Value): boolean {
  if (operation !== "<" || !isConstant(right!)) return false;
  const bits = left!.operation === "&" ? left!.from[0]! : left!;
  const [from, to] = number.operation === "bitcast" ? [bits, number] : [number, bits];
  return to.operation === "bitcast" && to.from[0] === from;
}
