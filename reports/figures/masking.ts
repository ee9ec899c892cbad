/**
 * Whether a net withstands attacks, or only seems to. A weak attack makes any net look robust: one
 * that was trained on images of FGSM often learns to bend its gradient away (catastrophic
 * overfitting), and a net whose gradient says nothing hides its errors from every attack that follows
 * it. Five comparisons, which hold for every net whose attacks do their work, find such cases; what
 * is said of a net follows from its numbers by {@link RULE}, and from nothing else.
 */
import { shareText } from "../words.ts";

/** Shares of images, 0..1: a net's answers, each the mean over its seeds. */
export interface Shares {
  /** Right answers to images as they are, and under attacks within one bound. */
  readonly clean: number;
  readonly noise: number;
  readonly fgsm: number;
  readonly pgd: number;
  /** Within a bound so large that it may make any image of any other. */
  readonly largest: number;
  /** To images that were made on another net. */
  readonly blackBox?: number | undefined;
  /** Images that are taken for one and the same class. */
  readonly oneClass?: number | undefined;
  /** Right answers of who guesses. */
  readonly chance: number;
}

/** A comparison of two shares. */
export interface Check {
  readonly what: string;
  /** The two, each with what it is. */
  readonly found: readonly [string, string];
  readonly holds: boolean;
}

/** Of the clean accuracy, or of that under FGSM. */
const MOST_LOST = 0.5;
/** Above guessing, within the largest bound. */
const ABOVE_CHANCE = 0.05;
/** Of all images. */
const MOST_OF_ONE_CLASS = 0.5;

/** How {@link inWords} decides, for those who read it. */
export const RULE =
  "“It has collapsed” is said of a net that takes more than half of the images for " +
  "one class; else “its robustness is an illusion” where FGSM leaves at least half of the clean " +
  "accuracy, but PGD less than half of what FGSM leaves (catastrophic overfitting, if it was trained " +
  "on images of FGSM); else “it is not robust” where FGSM or PGD leaves less than half of the clean " +
  "accuracy; else “it is not proven robust” where a check fails; else “it withstands these " +
  "attacks”. What a very large bound may leave is guessing and 5 points.";

/** The comparisons that its numbers allow; all of them hold where no gradient is hidden. */
export function checks(shares: Shares): Check[] {
  const { noise, fgsm, pgd, largest, blackBox, oneClass, chance } = shares;
  const limit = chance + ABOVE_CHANCE;
  return [
    {
      what: "PGD is at least as strong as FGSM",
      found: [`${shareText(pgd)} under PGD`, `${shareText(fgsm)} under FGSM`],
      holds: pgd <= fgsm,
    },
    {
      what: "Random noise is weaker than FGSM",
      found: [`${shareText(noise)} under noise`, `${shareText(fgsm)} under FGSM`],
      holds: noise > fgsm,
    },
    {
      what: "A very large bound leaves hardly more than guessing",
      found: [
        `${shareText(largest)} within it`,
        `at most ${shareText(limit)}`,
      ],
      holds: largest <= limit,
    },
    ...blackBox === undefined ? [] : [{
      what: "Images made on another net are weaker than PGD on its own",
      found: [`${shareText(blackBox)} from another net`, `${shareText(pgd)} under PGD`] as const,
      holds: blackBox >= pgd,
    }],
    ...oneClass === undefined ? [] : [{
      what: "Answers do not collapse to one class",
      found: [
        `${shareText(oneClass)} taken for one class`,
        `at most ${shareText(MOST_OF_ONE_CLASS)}`,
      ] as const,
      holds: oneClass <= MOST_OF_ONE_CLASS,
    }],
  ];
}

/**
 * What a net's numbers come to, in a sentence.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { inWords } from "./masking.ts";
 *
 * const shares = { clean: 0.98, noise: 0.97, fgsm: 0.93, pgd: 0, largest: 0, chance: 0.1 };
 * assert.match(inWords(shares), /illusion: .* right on 93\.0.% under FGSM, but on 0\.0.% under PGD/);
 * assert.match(inWords({ ...shares, pgd: 0.8 }), /^It withstands/);
 * ```
 */
export function inWords(shares: Shares): string {
  const { clean, fgsm, pgd, oneClass } = shares;
  if (oneClass !== undefined && oneClass > MOST_OF_ONE_CLASS) {
    return `It has collapsed: it takes ${shareText(oneClass)} of the images for one and the same ` +
      "class, so that its other numbers say nothing of attacks.";
  }
  if (fgsm >= MOST_LOST * clean && pgd < MOST_LOST * fgsm) {
    return `Its robustness is an illusion: it is right on ${shareText(fgsm)} under FGSM, but on ` +
      `${shareText(pgd)} under PGD within the same bound.`;
  }
  const left = `of ${shareText(clean)} clean, FGSM leaves ${shareText(fgsm)} and PGD ${
    shareText(pgd)
  }`;
  if (Math.min(fgsm, pgd) < MOST_LOST * clean) return `It is not robust: ${left}.`;
  const failed = checks(shares).filter(({ holds }) => !holds).length;
  return failed > 0
    ? `It is not proven robust: ${left}, but ${
      failed === 1 ? "a check fails" : "checks fail"
    }, so ` +
      "the attacks may be too weak for it."
    : `It withstands these attacks: ${left}; stronger ones may leave less.`;
}
