/**
 * Images under attack that a cell leaves for its report: for each figure that shows some, a file of
 * numbers and a picture of them, whose rows belong to one image each. What the figure asks for is in
 * the files' name, so that another one finds none and is given its own.
 */
import { z } from "zod";
import { brief } from "../../train/attack.ts";
import { DeclarationError } from "../declaration_error.ts";
import type { Figure, FigureOf } from "../figure.ts";
import type { Host } from "../host_interface.ts";
import { digestOf } from "../records/canonical.ts";
import { FORMAT } from "../records/record.ts";
import { type Picture, readNumbers, readPicture } from "./left_files.ts";

/** A figure that shows images under attack. */
export type AttackFigure = FigureOf<"attacked images" | "epsilon strips">;

/** Whether a figure shows such images. */
export function showsAttacked(figure: Figure): figure is AttackFigure {
  return figure.figure === "attacked images" || figure.figure === "epsilon strips";
}

/** More than a page can show. */
const MOST_IMAGES = 100;

const count = z.number().int().min(0);
const size = z.number().int().min(1).max(4_096);

/** The numbers of {@link AttackFigure}. */
export const attackedSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** Names of the classes. */
  classes: z.array(z.string()).min(1),
  /** Height, width and channels of an image; grey with one channel, RGB with three. */
  image: z.tuple([size, size, z.union([z.literal(1), z.literal(3)])]),
  /** So many test images were tried before these were found. */
  tried: count,
  /** How many times larger than it is a perturbation is drawn, if it is. */
  amplified: z.number().gt(0).max(1e6).optional(),
  /** In the order of the picture's rows. */
  images: z.array(z.strictObject({
    /** Its place among the test images. */
    index: count,
    label: count,
    /** What the net says of the image as it is, then of each that an attack made of it. */
    answers: z.array(z.strictObject({ class: count, confidence: z.number().min(0).max(1) })),
  })).max(MOST_IMAGES),
}).superRefine(({ classes, images }, context) => {
  images.forEach(({ label, answers }, i) => {
    if ([label, ...answers.map((answer) => answer.class)].every((n) => n < classes.length)) return;
    context.addIssue({
      code: "custom",
      path: ["images", i],
      message: `expected a label and answers that are one of ${classes.length} classes`,
    });
  });
});

/** See {@link attackedSchema}. */
export type Attacked = z.output<typeof attackedSchema>;

/** The files of a figure, in the folder of its cell. */
export async function attackedFiles(
  { title: _, arm: __, ...figure }: AttackFigure,
): Promise<{ readonly numbers: string; readonly picture: string }> {
  const { attack } = figure;
  const asked = { ...figure, attack: typeof attack === "string" ? attack : brief(attack) };
  const name = `samples/attacked-${(await digestOf(asked)).slice(0, 8)}`;
  return { numbers: `${name}.json`, picture: `${name}.png` };
}

/** Whether a file has such a name. */
export function isAttackedName(name: string): boolean {
  return /^samples\/attacked-[0-9a-f]{8}\.(json|png)$/.test(name);
}

/** What was left for a figure. */
export interface ReadAttacked {
  readonly attacked: Attacked;
  /** None where the attack found no image. */
  readonly picture: Picture | undefined;
}

/** Tiles in a row of a figure's picture. */
export function columnsOf(figure: AttackFigure): number {
  // Image, perturbation and what came of both; or the image and what came of it within each bound.
  return figure.figure === "attacked images" ? 3 : 1 + figure.epsilons.length;
}

/**
 * Reads what the cell in `folder` left for a figure; `undefined` where it left nothing.
 *
 * @throws {DeclarationError} when the files are damaged, too large, or do not belong together.
 * @throws {HostError} when a file cannot be read.
 */
export async function readAttacked(
  host: Host,
  folder: string,
  figure: AttackFigure,
): Promise<ReadAttacked | undefined> {
  const files = await attackedFiles(figure);
  const path = `${folder}/${files.numbers}`;
  if (!await host.exists(path)) return undefined;
  const attacked = await readNumbers(host, path, attackedSchema);
  const { image: [height, width, channels], images, amplified } = attacked;
  const columns = columnsOf(figure);
  const answers = figure.figure === "attacked images" ? 2 : columns;
  if (
    images.length > figure.images || images.some((image) => image.answers.length !== answers) ||
    (amplified === undefined) !== (figure.figure === "epsilon strips")
  ) {
    throw new DeclarationError(
      `${path}: expected at most ${figure.images} images with ${answers} answers each, as the ` +
        `figure "${figure.figure}" asks for; the file is damaged, remove it and resume the run`,
    );
  }
  if (images.length === 0) return { attacked, picture: undefined };
  const size = { width: columns * width, height: images.length * height, channels };
  const picture = await readPicture(host, `${folder}/${files.picture}`, [size], files.numbers);
  return { attacked, picture };
}
