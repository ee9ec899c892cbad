/** What is looked at inside a net in training: a field of a supervised arm. */
import { z } from "zod";
import type { Layer } from "../../nn/layers.ts";
import { areCountable } from "../../ops/histogram.ts";
import { DeclarationError } from "../declaration_error.ts";

const count = z.number().int().min(1);

/** A record from a stranger could ask for any number; all of one cell go into its checkpoint's header. */
const MOST = { bins: 1_000, sizes: 32, numbers: 400_000 } as const;

/** See the top of this file. */
export const inspectSchema = z.strictObject({
  /** Steps between two looks; there is one before the first step and one at the end too. */
  every: count,
  /** Step sizes: loss and gradient are also taken at the weights less size times the gradient. */
  landscape: z.array(z.number().positive())
    .min(1, "a landscape needs at least one step size")
    .max(MOST.sizes)
    .optional(),
  /** How the outputs of all layers of a kind are spread over equal bins from `from` to `to`. */
  histograms: z.strictObject({
    /** `sigmoid`. */
    layers: z.string(),
    from: z.number(),
    to: z.number(),
    bins: count.max(MOST.bins),
  }).refine(areCountable, "from must be below to, and each bin from 2^-50 to 2^50 wide").optional(),
});

/** What an arm asks to be looked at. */
export type Inspect = z.output<typeof inspectSchema>;

/** What of an arm says what is looked at. */
interface Inspected {
  readonly net: readonly Layer[];
  readonly inspect?: Inspect | undefined;
}

/** @throws {DeclarationError} when histograms are asked for of layers that the net lacks. */
export function requireShown({ net, inspect }: Inspected): void {
  const shown = inspect?.histograms?.layers;
  const kinds = [...new Set<string>(net.map(({ layer }) => layer))];
  if (shown === undefined || kinds.includes(shown)) return;
  throw new DeclarationError(
    `inspect.histograms: the net has no layers "${shown}"; its layers are of the kinds ` +
      kinds.join(", "),
  );
}

/** @throws {DeclarationError} when more is asked for than can be kept of a cell of so many steps. */
export function requireRoom(arm: Inspected, steps: number): void {
  const numbers = inspectedNumbers(arm, steps);
  if (numbers <= MOST.numbers) return;
  const looks = inspections(arm.inspect!, steps);
  throw new DeclarationError(
    `inspect: ${looks} looks would keep ${numbers} numbers, and at most ${MOST.numbers} are kept of ` +
      "a cell; look less often",
  );
}

/** Looks at a training of so many steps. */
export function inspections({ every }: Inspect, steps: number): number {
  return 1 + Math.ceil(steps / every);
}

/** Numbers at most that all looks at a training keep. */
export function inspectedNumbers({ net, inspect }: Inspected, steps: number): number {
  if (!inspect) return 0;
  const { landscape = [], histograms } = inspect;
  const shown = net.filter(({ layer }) => layer === histograms?.layers).length;
  const ofLayers = 6 * net.length + shown * ((histograms?.bins ?? 0) + 2);
  return inspections(inspect, steps) * (2 + ofLayers + 2 * landscape.length);
}
