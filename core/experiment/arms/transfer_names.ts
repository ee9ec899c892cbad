/**
 * What the nets and models of a transfer are called in its measures. It stands apart from the arm
 * itself, since a report speaks of them and carries no code that fits models or runs nets.
 */

/** `reference`, or `reference of the next seed`. */
export function sourceName(
  { arm, seed }: { readonly arm: string; readonly seed: "own" | "next" },
): string {
  return seed === "own" ? arm : `${arm} of the next seed`;
}

/** The name of its arm, or of its kind. */
export function targetName(target: string | { readonly classic: string }): string {
  return typeof target === "string" ? target : target.classic;
}
