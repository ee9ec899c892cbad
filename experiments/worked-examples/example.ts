/**
 * What a worked example is: an arm that computes a lecture's numbers from the lecture's inputs, and
 * the claim that the printed ones come out. The themes beside this file list the examples.
 */
import {
  type Claim,
  computation,
  type Graph,
  type Inputs,
  type Lab,
  type Part,
  type Results,
  type Value,
} from "../../mod.ts";

/** What must come out as a result, without saying of which arm. */
export type Criterion = Pick<Part, "compare" | "value" | "tolerance">;

/** An arm and the claim it decides; both go by the claim's id. */
export interface Example {
  readonly claim: Claim;
  readonly arm: ReturnType<typeof computation>;
}

/** A worked example as it is written down: all numbers are in `inputs` and in `expected`. */
export interface Declaration<I extends Inputs, R extends Results>
  extends Pick<Claim, "id" | "lecture" | "paraphrase" | "note"> {
  readonly inputs: I;
  readonly compute: (lab: Lab, inputs: I) => R | Promise<R>;
  /** By the name of a result; each is a part of the claim. */
  readonly expected: { readonly [Name in keyof R]: Criterion };
}

/**
 * The arm and the claim of a worked example.
 *
 * @example
 * ```ts
 * import { example, exactly } from "./example.ts";
 * const { claim } = example({
 *   id: "we-square",
 *   lecture: "none",
 *   paraphrase: "Three squared is nine.",
 *   inputs: { a: 3 },
 *   compute: (_lab, { a }) => ({ square: a * a }),
 *   expected: { square: exactly(9) },
 * });
 * console.assert(claim.parts[0]!.measure === "square");
 * ```
 */
export function example<I extends Inputs, R extends Results>(
  { inputs, compute, expected, ...claim }: Declaration<I, R>,
): Example {
  const parts = Object.entries<Criterion>(expected).map(([name, criterion]) => ({
    part: name,
    measure: name,
    ...criterion,
    pairing: { arm: claim.id },
    minSeeds: 1,
  }));
  return {
    claim: { ...claim, parts, needsTraining: false },
    arm: computation(inputs, compute),
  };
}

/** Exactly these numbers; where a lecture prints rounded ones, within half a unit of its last digit. */
export function exactly(value: number | readonly number[], tolerance = 0): Criterion {
  return { compare: "exact", value, ...(tolerance > 0 && { tolerance }) };
}

/** More than so many. */
export function above(value: number): Criterion {
  return { compare: "above", value };
}

/** Numbers by rows, as lectures print them. */
export type Rows = readonly (readonly number[])[];

/** A constant [rows, columns]. */
export function matrix(graph: Graph, rows: Rows): Value {
  return graph.constant(Float32Array.from(rows.flat()), [rows.length, rows[0]!.length]);
}

/** One image of one channel: a constant [1, height, width, 1]. */
export function image(graph: Graph, rows: Rows): Value {
  return graph.reshape(matrix(graph, rows), [1, rows.length, rows[0]!.length, 1]);
}

/** One filter over one channel: a constant [height, width, 1, 1]. */
export function filter(graph: Graph, rows: Rows): Value {
  return graph.reshape(matrix(graph, rows), [rows.length, rows[0]!.length, 1, 1]);
}

/** Runs a graph on the lab's device and returns the numbers of each value. */
export async function run<Name extends string>(
  lab: Lab,
  emit: (graph: Graph) => Readonly<Record<Name, Value>>,
): Promise<Record<Name, readonly number[]>> {
  const results = Object.entries<{ readonly data: readonly number[] }>(await lab.run(emit));
  return Object.fromEntries(results.map(([name, { data }]) => [name, data])) as never;
}
