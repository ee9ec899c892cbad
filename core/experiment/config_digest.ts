/** The name of what a cell runs: two cells with the same one come to the same bits. */
import type { Computation } from "./arms/arm.ts";
import type { NearestCell } from "./arms/nearest_neighbour.ts";
import { type Seeded, seededSchema } from "./arms/seeded.ts";
import { canonicalJson, digestOf } from "./records/canonical.ts";

/** An arm as a cell runs it. */
export type CellConfig = Seeded | NearestCell | Computation;

/**
 * Digest of what reaches a cell's program or data: its arm's fields, those at their default left
 * out, and its seed; of a timing the fields of the timed arms too; of nearest neighbours the share of
 * the images instead of a seed; of a computation the inputs, and the name, which stands for its
 * function.
 * Claims and measures are not in it, so that adding one changes no digest.
 */
export function configDigest(
  config: CellConfig,
  { arm, seed }: { readonly arm: string; readonly seed: number },
): Promise<string> {
  if (config.kind === "computation") return digestOf({ arm, inputs: config.inputs });
  if (config.kind === "nearestNeighbour") return digestOf({ arm: config });
  return digestOf({ seed, arm: withoutDefaults(config) });
}

/** By arm, since the cells of all seeds share one. */
const pruned = new WeakMap<Seeded, unknown>();

/** An arm without every field that parsing puts back by itself. */
function withoutDefaults(arm: Seeded): unknown {
  const found = pruned.get(arm) ?? prune(arm);
  pruned.set(arm, found);
  return found;
}

function prune(arm: Seeded): unknown {
  const whole = structuredClone(arm);
  const parsed = () => {
    const { data } = seededSchema.safeParse(whole);
    return data && canonicalJson(data);
  };
  const target = parsed();
  const visit = (node: unknown) => {
    if (typeof node !== "object" || node === null) return;
    const fields = node as Record<string, unknown>;
    for (const [key, value] of Object.entries(fields)) {
      visit(value);
      if (Array.isArray(node)) continue;
      delete fields[key];
      if (parsed() !== target) fields[key] = value;
    }
  };
  visit(whole);
  return whole;
}
