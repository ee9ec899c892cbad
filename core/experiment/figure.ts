/**
 * Figures as data: what a report draws of a run, besides its claims. They are read by the report
 * alone, so a figure may be added or changed at any time without touching a cell or a criterion.
 */
import { z } from "zod";

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
  return figure.figure === "curve" ? figure.points.map(({ measure }) => measure) : [];
}

/** Whether it shows how nets were trained, so that other kinds of arms have nothing for it. */
export function showsTraining({ figure }: Figure): boolean {
  return figure !== "scatter" && figure !== "curve";
}
