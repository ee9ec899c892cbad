/**
 * Figures as data: what a report draws of a run, besides its claims. They are read by the report
 * alone, so a figure may be added or changed at any time without touching a cell or a criterion.
 */
import { z } from "zod";
import { attackSchema } from "../train/attack.ts";

const name = z.string().trim().min(1, "a name must not be empty");
const arms = z.array(name).min(1, "a figure needs at least one arm");
const title = name.optional();

/** The schema of a declared figure. */
export const figureSchema = z.discriminatedUnion("figure", [
  /** Accuracy by training step: the mean over seeds in a band from the lowest to the highest. */
  z.strictObject({
    figure: z.literal("learning curves"),
    title,
    arms,
    set: z.enum(["test", "validation"]),
  }),
  /** One measure against another: each arm's mean with its 95 % interval. */
  z.strictObject({ figure: z.literal("scatter"), title, x: name, y: name, arms }),
  /** Several measures in the order of `x`, such as accuracies by the number of pixels shifted. */
  z.strictObject({
    figure: z.literal("curve"),
    title: name,
    /** What `x` is. */
    x: name,
    points: z.array(z.strictObject({ x: z.number(), measure: name }))
      .min(2, "a curve needs at least two points"),
    arms,
  }),
  /** The filters of a layer by its name (`conv2d1`), at the end of training. */
  z.strictObject({ figure: z.literal("filters"), title, arm: name, layer: name }),
  /** Sample images with what the net says of them. */
  z.strictObject({ figure: z.literal("predictions"), title, arm: name }),
  /** Images that a pair's generator made of the same codes at its looks, behind a slider. */
  z.strictObject({
    figure: z.literal("generated"),
    title,
    arm: name,
    /** So many looks at most, evenly spread up to the last one. */
    looks: z.int().min(1).max(12).default(12),
  }),
  /** Walks of a finished generator from one code to another. */
  z.strictObject({ figure: z.literal("interpolation"), title, arm: name }),
  /** Generated images, each with the training image that it is nearest to. */
  z.strictObject({ figure: z.literal("neighbours"), title, arm: name }),
  /** How the training of pairs went, by the real images that they had seen. */
  z.strictObject({
    figure: z.literal("over time"),
    title,
    arms,
    what: z.enum(["frechet distance", "discriminator accuracy", "class entropy", "losses"]),
  }),
  /** A measure over the values of a sweep: arms by one field, or for each arm one field by another. */
  z.strictObject({ figure: z.literal("heat map"), title, sweep: name, measure: name, arms }),
  /** What inspections found in each layer, from the first to the last. */
  z.strictObject({
    figure: z.literal("by depth"),
    title,
    arms,
    what: z.enum(["gradients", "drift", "variance", "mean", "dead", "updates"]),
    /** Only layers of these kinds. */
    layers: z.array(name).min(1).optional(),
  }),
  /** What inspections found, by training step. */
  z.strictObject({
    figure: z.literal("inspected"),
    title,
    arms,
    what: z.enum(["drift", "gradient change", "loss range", "loss"]),
  }),
  /** How the outputs of layers are distributed, from look to look. */
  z.strictObject({ figure: z.literal("histograms"), title, arm: name }),
  /**
   * The first test images that a net gets right until an attack makes it take them for others, or for
   * its target: each image, what was changed of it, and what came of that.
   */
  z.strictObject({
    figure: z.literal("attacked images"),
    title,
    arm: name,
    attack: attackSchema,
    images: z.int().min(1).max(12).default(6),
    /** How many times larger changes are drawn; as far as they fit into the range if left out. */
    amplified: z.number().min(1).max(1_000).optional(),
  }),
  /** The first test images that a net gets right, under a growing attack of one step. */
  z.strictObject({
    figure: z.literal("epsilon strips"),
    title,
    arm: name,
    attack: z.enum(["fgsm", "noise"]),
    /** How far a pixel may be changed, in parts of its range. */
    epsilons: z.array(z.number().gt(0).max(1)).min(1).max(9)
      .refine(
        (all) => all.every((epsilon, i) => i === 0 || epsilon > all[i - 1]!),
        "each must be larger than the one before it",
      ),
    images: z.int().min(1).max(8).default(4),
  }),
  /** What a step of each of the arms takes that a timing arm compares. */
  z.strictObject({ figure: z.literal("step times"), title, arm: name }),
  /**
   * Whether nets withstand attacks or only seem to: accuracies by the names of their measures, which
   * are all of attacks within one bound, but for the largest.
   */
  z.strictObject({
    figure: z.literal("robustness"),
    title,
    arms,
    clean: name,
    noise: name,
    fgsm: name,
    pgd: name,
    /** Under an attack with a bound so large that it may make any image of any other. */
    largest: name,
    /** The largest share of images that are taken for one and the same class. */
    oneClass: name.optional(),
    /**
     * A transfer arm whose targets the arms are, or some of them, and the name of its source whose
     * images they are shown.
     */
    blackBox: z.strictObject({ arm: name, source: name }).optional(),
  }),
  /** What each target of a transfer loses by the images that were made on each of its sources. */
  z.strictObject({ figure: z.literal("transfer matrix"), title, arm: name }),
]);

/** A declared figure. */
export type Figure = z.output<typeof figureSchema>;

/** A figure of one kind. */
export type FigureOf<Kind extends Figure["figure"]> = Extract<Figure, { figure: Kind }>;

/** The arms that a figure shows. */
export function armsShown(figure: Figure): readonly string[] {
  return "arms" in figure ? figure.arms : [figure.arm];
}

/** The measures that a figure shows of its arms. */
export function measuresShown(figure: Figure): readonly string[] {
  if (figure.figure === "scatter") return [figure.x, figure.y];
  if (figure.figure === "heat map") return [figure.measure];
  if (figure.figure === "robustness") {
    const { clean, noise, fgsm, pgd, largest, oneClass } = figure;
    return [clean, noise, fgsm, pgd, largest, ...(oneClass === undefined ? [] : [oneClass])];
  }
  return figure.figure === "curve" ? figure.points.map(({ measure }) => measure) : [];
}

/** The kind of arm that a figure is of, if arms of the other kinds have nothing for it. */
export function kindShown(
  { figure }: Figure,
): "supervised" | "adversarial" | "timing" | "transfer" | undefined {
  switch (figure) {
    case "scatter":
    case "curve":
    case "heat map":
      return undefined;
    case "learning curves":
    case "filters":
    case "predictions":
    case "by depth":
    case "inspected":
    case "histograms":
    case "robustness":
    case "attacked images":
    case "epsilon strips":
      return "supervised";
    case "generated":
    case "interpolation":
    case "neighbours":
    case "over time":
      return "adversarial";
    case "step times":
      return "timing";
    case "transfer matrix":
      return "transfer";
  }
}

/** The part of an arm's `inspect` that a figure is drawn from; "every" stands for any of it. */
export function inspectionShown(
  figure: Figure,
): "every" | "landscape" | "histograms" | undefined {
  switch (figure.figure) {
    case "by depth":
      return "every";
    case "inspected":
      return figure.what === "gradient change" || figure.what === "loss range"
        ? "landscape"
        : "every";
    case "histograms":
      return "histograms";
    default:
      return undefined;
  }
}
