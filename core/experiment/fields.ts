/** The fields of arms, which sweeps, presets and --set change by their paths: `net.0.filters`. */
import { adversarialSchema } from "./arms/adversarial.ts";
import { supervisedSchema } from "./arms/arm.ts";
import { nearestNeighbourSchema } from "./arms/nearest_neighbour.ts";
import { timingSchema } from "./arms/timing.ts";
import { transferSchema } from "./arms/transfer.ts";
import { DeclarationError } from "./declaration_error.ts";
import { known } from "./parse.ts";

/** The fields of each kind of arm that has any. */
export const FIELDS = {
  supervised: supervisedSchema.shape,
  adversarial: adversarialSchema.shape,
  nearestNeighbour: nearestNeighbourSchema.shape,
  // Which arms are named is their names in measures and claims, so it is the declaration's to say.
  timing: timingSchema.pick({ rounds: true }).shape,
  transfer: transferSchema.pick({ attack: true, images: true, fitted: true }).shape,
};

/** The first name on a path, which is a field of the arm itself. */
export function fieldOf(path: string): string {
  return path.split(".")[0]!;
}

/** Whether what stands at one of two paths is, or lies within, what stands at the other. */
export function overlap(a: string, b: string): boolean {
  return `${a}.`.startsWith(`${b}.`) || `${b}.`.startsWith(`${a}.`);
}

/**
 * Gives the field at a path another value; what stands there is checked when the arm is parsed.
 *
 * @throws {DeclarationError} when the path leads through a field, or to a place in a list, that is
 * not there.
 */
export function assign(fields: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split(".");
  let node = fields;
  for (const key of keys.slice(0, -1)) {
    const next = Object.hasOwn(node, key) ? node[key] : undefined;
    if (typeof next !== "object" || next === null) {
      const names = Object.keys(node);
      throw new DeclarationError(`${known("field", key, names)} has no fields of its own`);
    }
    node = next as Record<string, unknown>;
  }
  const last = keys.at(-1)!;
  if (last === "__proto__") throw new DeclarationError("there is no such field");
  // A list keeps its length; an unknown field of an object is found when the arm is parsed.
  if (Array.isArray(node)) known("field", last, Object.keys(node));
  node[last] = value;
}
