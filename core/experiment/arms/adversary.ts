/** What an adversary in training asks of its arm. */
import type { Pixels } from "../../data/pixels.ts";
import type { Adversary } from "../../train/adversary.ts";
import { DeclarationError } from "../declaration_error.ts";

/** @throws {DeclarationError} when an adversary's images are not given as pixels of 0..1. */
export function requireUnitPixels(
  { adversary, pixels }: {
    readonly adversary?: Adversary | undefined;
    readonly pixels: Pixels;
  },
): void {
  if (!adversary || pixels === "unit") return;
  throw new DeclarationError(
    `adversary: it moves pixels within 0..1, and this arm's are "${pixels}"; train on pixels "unit"`,
  );
}
