/** WGSL as a syntax tree, by wgsl_reflect. */
// @ts-types="wgsl_reflect"
import { WgslParser } from "wgsl_reflect/wgsl_reflect.module.js";
// @ts-types="wgsl_reflect"
export * as ast from "wgsl_reflect/wgsl_reflect.module.js";
// @ts-types="wgsl_reflect"
import type { Expression, Statement } from "wgsl_reflect/wgsl_reflect.module.js";

/** A text's statements; a block in braces is an array of its own. */
export interface Parsed {
  readonly statements: readonly Statement[];
  /** The line on which a statement begins, from 1 on; of parts of statements nothing is known. */
  lineOf(statement: Statement): number | undefined;
}

/** @throws {Error} where it is not WGSL, with the line. */
export function parse(wgsl: string): Parsed {
  const text = readable(wgsl);
  const ends = [...text.matchAll(/\n/g)].map(({ index }) => index);
  return {
    statements: new WgslParser().parse(text),
    lineOf: ({ start }) => start < 0 ? undefined : 1 + ends.filter((end) => end < start).length,
  };
}

/**
 * What the parser cannot read in words that it can, on the same lines: hexadecimal floats, commas
 * at the end of a list, computed bindings, and a variable called `read`.
 */
function readable(wgsl: string): string {
  return wgsl
    .replace(/,(\s*\))/g, "$1")
    .replace(/\bread\b(?!>)/g, "read_")
    .replace(/\b0x1p([+-]?\d+)\b/g, (_, exponent) => (2 ** Number(exponent)).toExponential())
    .replace(/@binding\([^)]*\)/g, "@binding(0)");
}

/** What follows an expression, in order: the index of `[index]`, or the name of `.name`. */
export function* postfixes(of: Expression): Generator<Expression> {
  for (let next = of.postfix; next; next = next.postfix) yield next;
}
