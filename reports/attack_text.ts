/** Attacks and their bounds in words. */
import { count, formatNumber } from "../core/experiment/records/format.ts";
import type { Attack } from "../core/train/attack.ts";

/** Longer decimals are read as parts of 255. */
const LONGEST = 5;

/**
 * A change of pixels, in parts of their range: by steps of a byte, or tenths, where it is so many.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { boundText } from "./attack_text.ts";
 *
 * assert.deepEqual([0.2, 8 / 255, 0.8 / 255].map(boundText), ["0.2", "8/255", "0.8/255"]);
 * ```
 */
export function boundText(bound: number): string {
  const tenths = Math.round(bound * 2550);
  const exact = tenths > 0 && Math.abs(bound * 2550 - tenths) < 1e-6;
  return exact && String(bound).length > LONGEST ? `${tenths / 10}/255` : formatNumber(bound);
}

/**
 * An attack in a few words.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { attackText } from "./attack_text.ts";
 *
 * const attack = { attack: "fgsm", epsilon: 8 / 255, target: "airplane" } as const;
 * assert.equal(attackText(attack), "FGSM within 8/255 towards airplane");
 * ```
 */
export function attackText(attack: Attack): string {
  const within = `within ${boundText(attack.epsilon)}`;
  switch (attack.attack) {
    case "noise":
      return `random noise ${within}`;
    case "fgsm":
      return `FGSM ${within}${towards(attack.target)}`;
    case "pgd": {
      const { norm, steps, stepSize, restarts, start, loss, target } = attack;
      const details = [
        `${count(steps, "step")} of ${boundText(stepSize)}`,
        ...(restarts > 1 ? [count(restarts, "random start")] : []),
        ...(start === "image" ? ["from the image itself"] : []),
        ...(loss === "margin" ? ["by the margin"] : []),
      ];
      return `${norm === "l2" ? "L2 " : ""}PGD ${within}${towards(target)} (${details.join(", ")})`;
    }
  }
}

function towards(target: string | undefined): string {
  return target === undefined ? "" : ` towards ${target}`;
}
