/**
 * The arm that shows what one net is fooled by to others: adversarial images are made on the nets of
 * some arms and shown, as the bytes of a picture, to the nets of other arms and to classical models,
 * which the attack knows nothing of (Szegedy et al. 2014; Papernot et al. 2016).
 */
import { z } from "zod";
import { classicSchema } from "../../classic/classic.ts";
import { attackSchema } from "../../train/attack.ts";
import { sourceName, targetName } from "./transfer_names.ts";

const count = z.number().int().min(1);
const name = z.string().trim().min(1, "a name must not be empty");

/** A net that images are made on. */
export const sourceSchema = z.strictObject({
  /** A supervised arm. */
  arm: name,
  /** Its net of the cell's own seed, or of the next one: the same net, trained otherwise. */
  seed: z.enum(["own", "next"]).default("own"),
});

const targetSchema = z.union(
  [name, classicSchema],
  "a target is the name of a supervised arm, or a classical model with its fields: { classic: " +
    '"naive Bayes", "decision tree", "k-means" or "nearest neighbour" }',
);

/** What is attacked, and who is shown the images. */
export const transferSchema = z.strictObject({
  kind: z.literal("transfer"),
  data: z.enum(["mnist", "cifar10"]),
  /** On whose nets the images are made. */
  sources: z.array(sourceSchema)
    .min(1, "a transfer needs at least one source to make images on")
    .refine((sources) => isDistinct(sources.map(sourceName)), "a transfer names a source twice"),
  /** Who is shown them: nets of the cell's own seed, and classical models. */
  targets: z.array(targetSchema)
    .min(1, "a transfer needs at least one target to show images to")
    .refine((targets) => isDistinct(targets.map(targetName)), "a transfer names a target twice"),
  attack: attackSchema,
  /** The first so many test images; fewer where the preset tests on fewer. */
  images: count,
  /**
   * Classical models are fitted to the first so many training images of the fixed split; fewer where
   * the preset trains on fewer.
   */
  fitted: count.default(10_000),
});

/** A transfer, as it is declared. */
export type Transfer = z.output<typeof transferSchema>;

function isDistinct(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}

/**
 * Declares a transfer. Its measures are, for each target, `accuracy of <target>` on the images as they
 * are, and for each source besides `accuracy of <target> under <source>` and `accuracy lost of
 * <target> by <source>`, the difference of the two. A source is called by its arm, that of the next
 * seed `<arm> of the next seed`; a classical model by its kind: `naive Bayes`.
 *
 * @example
 * ```ts
 * import { transfer } from "./transfer.ts";
 * const arm = transfer({
 *   data: "mnist",
 *   sources: [{ arm: "cnn" }, { arm: "cnn", seed: "next" }],
 *   targets: ["cnn", "mlp", { classic: "naive Bayes" }, { classic: "k-means", clusters: 200 }],
 *   attack: { attack: "fgsm", epsilon: 0.2 },
 *   images: 1_000,
 * });
 * console.assert(arm.kind === "transfer");
 * ```
 */
export function transfer(
  arm: Omit<z.input<typeof transferSchema>, "kind">,
): z.input<typeof transferSchema> {
  return { kind: "transfer", ...arm };
}
