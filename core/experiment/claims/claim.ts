/**
 * Claims as data: what a lecture says, and the criteria that decide it. The criteria are written
 * down before the first run; {@linkcode claimDigest} is the name by which a run records them, so
 * that a criterion changed afterwards is noticed. One judge (judge.ts) serves all claims.
 */
import { z } from "zod";
import { digestOf } from "../records/canonical.ts";

/** How the numbers of a part are held against its `value`; judge.ts has the rules. */
export type Compare = "above" | "below" | "within" | "exact" | "occurs";

/**
 * What an arm is compared with: another arm, or the best of several, chosen by the measure `by`
 * (larger is better) in their cells of a seed kept for this choice. The choice and the comparison
 * then share no run: an opponent picked on the seeds it is compared on would be picked for its luck.
 */
export type Opponent = string | Choice;

/** An opponent that is still to be chosen. */
export interface Choice {
  readonly bestOf: readonly string[];
  readonly by: string;
  readonly seed: number;
}

/** Whose measure it is: the arm's own, or its difference or ratio to an opponent, seed by seed. */
export interface Pairing {
  readonly arm: string;
  readonly minus?: Opponent;
  readonly over?: Opponent;
}

/** One criterion of a claim. */
export interface Part {
  /** Its name, unique in the claim. */
  readonly part: string;
  /** The name of a measure that every cell of the arms has. */
  readonly measure: string;
  readonly compare: Compare;
  /** The threshold, or what must come out; a list only with `exact`, compared place by place. */
  readonly value: number | readonly number[];
  /** With `exact`: how far off still counts, 0 when left out. */
  readonly tolerance?: number;
  readonly pairing: Pairing;
  /** With fewer seeds the part is inconclusive. */
  readonly minSeeds: number;
}

/**
 * What the report prints beside a verdict. `pilot`: numbers had been seen before the criterion was
 * set. `by construction`: it cannot fail in a correct framework. `implied`: the lecture does not
 * state it in so many words.
 */
export type Mark = "pilot" | "by construction" | "implied";

/** A sentence of a lecture in our words, and the parts that decide it. */
export interface Claim {
  /** In kebab-case. */
  readonly id: string;
  /** The lecture's short name and the place in it. */
  readonly lecture: string;
  /** In our own words, never the lecture's. */
  readonly paraphrase: string;
  readonly parts: readonly Part[];
  readonly marks?: readonly Mark[];
  /**
   * Whether the answer hangs on the real images, by training or otherwise; true when left out.
   * With false it is judged on stand-in data too.
   */
  readonly needsTraining?: boolean;
  /** What the report says beside it. */
  readonly note?: string;
}

const name = z.string().trim().min(1, "a name must not be empty");
const seed = z.number().int().nonnegative();

const opponentSchema = z.union([
  name,
  z.strictObject({
    bestOf: z.array(name).min(2, "bestOf needs at least two arms to choose from")
      .refine((arms) => new Set(arms).size === arms.length, "bestOf names an arm twice"),
    by: name,
    seed,
  }),
], "an opponent is the name of an arm, or { bestOf: two arms or more, by: measure, seed }");

const pairingSchema = z.strictObject({
  arm: name,
  minus: opponentSchema.exactOptional(),
  over: opponentSchema.exactOptional(),
}).superRefine((pairing, context) => {
  if (pairing.minus !== undefined && pairing.over !== undefined) {
    context.addIssue("a pairing has `minus` or `over`, not both");
  }
  if (opponentArms(pairing).includes(pairing.arm)) {
    context.addIssue(`the arm "${pairing.arm}" is compared with itself`);
  }
});

const partSchema = z.strictObject({
  part: name,
  measure: name,
  compare: z.enum(["above", "below", "within", "exact", "occurs"]),
  value: z.union(
    [z.number(), z.array(z.number()).min(1)],
    "a value is a finite number or a list of at least one",
  ),
  tolerance: z.number().nonnegative().exactOptional(),
  pairing: pairingSchema,
  minSeeds: z.number().int().min(1, "a part needs at least one seed"),
}).superRefine(({ compare, value, tolerance }, context) => {
  if (tolerance !== undefined && compare !== "exact") {
    context.addIssue(`a tolerance belongs to "exact", not to "${compare}"`);
  }
  if (typeof value !== "number" && compare !== "exact") {
    context.addIssue(`a list of values belongs to "exact"; "${compare}" takes one number`);
  }
  if (compare === "within" && typeof value === "number" && value < 0) {
    context.addIssue(`"within" m means -m to m: m must not be negative, found ${value}`);
  }
});

/**
 * Checks a claim; unknown fields are errors, so that a misspelt criterion cannot pass unnoticed.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { claimSchema } from "./claim.ts";
 *
 * const { error } = claimSchema.safeParse({
 *   id: "we-parameters",
 *   lecture: "CS404",
 *   paraphrase: "A 3-4-2 network has 26 parameters.",
 *   parts: [{
 *     part: "parameters",
 *     measure: "parameters",
 *     compare: "above",
 *     value: 25,
 *     tolerance: 1,
 *     pairing: { arm: "net" },
 *     minSeeds: 1,
 *   }],
 * });
 * assert.match(error!.message, /a tolerance belongs to \\"exact\\", not to \\"above\\"/);
 * ```
 */
export const claimSchema: z.ZodType<Claim> = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "an id is in kebab-case: cnn-vs-dense"),
  lecture: name,
  paraphrase: name,
  parts: z.array(partSchema).min(1, "a claim needs at least one part").superRefine(
    (parts, context) => {
      for (const [i, { part }] of parts.entries()) {
        if (parts.findIndex((other) => other.part === part) < i) {
          context.addIssue({
            code: "custom",
            path: [i, "part"],
            message: `two parts are called "${part}"`,
          });
        }
      }
    },
  ),
  marks: z.array(z.enum(["pilot", "by construction", "implied"])).exactOptional(),
  needsTraining: z.boolean().exactOptional(),
  note: name.exactOptional(),
});

/** What an optional field of a part means when it is left out. */
const PART_DEFAULTS: Partial<Part> = { tolerance: 0 };

/**
 * SHA-256 over the criteria alone: the id and the parts, in canonical JSON with defaults left out.
 * Prose, marks and notes may be improved without touching it, and so may an optional field be added
 * to {@linkcode Part} that old claims do not use.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { type Claim, claimDigest } from "./claim.ts";
 *
 * const claim: Claim = {
 *   id: "cnn-kernel-small",
 *   lecture: 'L13b "Choosing Correct Kernel Size"',
 *   paraphrase: "Small kernels do well on small images.",
 *   parts: [{
 *     part: "accuracy",
 *     measure: "test accuracy",
 *     compare: "above",
 *     value: -0.01,
 *     pairing: { arm: "kernel-3", minus: "kernel-7" },
 *     minSeeds: 5,
 *   }],
 * };
 * assert.equal(await claimDigest({ ...claim, note: "5,000 images" }), await claimDigest(claim));
 * ```
 */
export function claimDigest(claim: Claim): Promise<string> {
  const parts = claim.parts.map((part) =>
    Object.fromEntries(
      Object.entries(part).filter(([key, value]) => PART_DEFAULTS[key as keyof Part] !== value),
    )
  );
  return digestOf({ id: claim.id, parts });
}

/** The choice of an opponent that a part asks for, if it does. */
export function choiceOf({ pairing }: Pick<Part, "pairing">): Choice | undefined {
  const opponent = pairing.minus ?? pairing.over;
  return typeof opponent === "object" ? opponent : undefined;
}

/** The arms a pairing may compare its arm with. */
function opponentArms(pairing: Pairing): readonly string[] {
  const opponent = pairing.minus ?? pairing.over;
  if (opponent === undefined) return [];
  return typeof opponent === "string" ? [opponent] : opponent.bestOf;
}

/**
 * Every arm whose cells a part needs, its own first.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { armsOf } from "./claim.ts";
 *
 * const pairing = { arm: "kernel-3", minus: "kernel-7" };
 * assert.deepEqual(armsOf({ pairing }), ["kernel-3", "kernel-7"]);
 * ```
 */
export function armsOf({ pairing }: Pick<Part, "pairing">): readonly string[] {
  return [pairing.arm, ...opponentArms(pairing)];
}

/**
 * A part in plain words, for tables; `show` says how its numbers are written.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { describePart } from "./claim.ts";
 *
 * assert.equal(
 *   describePart({
 *     part: "accuracy",
 *     measure: "test accuracy",
 *     compare: "above",
 *     value: -0.01,
 *     pairing: { arm: "kernel-3", minus: "kernel-7" },
 *     minSeeds: 5,
 *   }),
 *   "test accuracy, kernel-3 minus kernel-7: above -0.01, at least 5 seeds",
 * );
 * ```
 */
export function describePart(
  part: Part,
  show: Show = showAll,
  showTolerance: Show = show,
): string {
  const { measure, pairing: { arm, minus, over } } = part;
  const who = minus !== undefined
    ? `${arm} minus ${describeOpponent(minus)}`
    : over !== undefined
    ? `${arm} over ${describeOpponent(over)}`
    : arm;
  return `${measure}, ${who}: ${describeCriterion(part, show, showTolerance)}`;
}

/** What must come out, in plain words: the end of {@linkcode describePart}. */
export function describeCriterion(
  { compare, value, tolerance, minSeeds }: Part,
  show: Show = showAll,
  showTolerance: Show = show,
): string {
  const expected = show(value);
  const criterion = {
    above: `above ${expected}`,
    below: `below ${expected}`,
    within: `between ${show(-Number(value))} and ${expected}`,
    exact: `exactly ${expected}` + (tolerance ? `, give or take ${showTolerance(tolerance)}` : ""),
    occurs: `above ${expected} in at least one seed`,
  }[compare];
  if (minSeeds === 1) return criterion;
  return `${criterion}, ${compare === "occurs" ? "of " : ""}at least ${minSeeds} seeds`;
}

type Show = (value: number | readonly number[]) => string;

function showAll(value: number | readonly number[]): string {
  return [value].flat().join(", ");
}

function describeOpponent(opponent: Opponent): string {
  if (typeof opponent === "string") return opponent;
  const { bestOf } = opponent;
  const arms = `${bestOf.slice(0, -1).join(", ")} and ${bestOf.at(-1)}`;
  return `the ${bestOf.length === 2 ? "better" : "best"} of ${arms}`;
}
