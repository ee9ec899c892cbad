/** Walks from one code to another. */
import type { FigureOf } from "../../core/experiment/figure.ts";
import { GENERATED, readTiles } from "../../core/experiment/samples/generated_samples.ts";
import { picture } from "../picture.ts";
import { cellsOf, leftOut, type Reported } from "../reported.ts";
import type { Drawn } from "./drawn.ts";

/**
 * Draws it from the picture that the arm's first seed left.
 *
 * @throws {DeclarationError} when it is damaged, or the record is none of a pair.
 */
export async function interpolation(
  run: Reported,
  { title, arm }: FigureOf<"interpolation">,
): Promise<Drawn> {
  const heading = title ?? `From one code to another, by ${arm}`;
  const missing = (...notes: string[]) => (
    { title: heading, content: undefined, caption: "", notes }
  );
  const [cell] = cellsOf(run, arm);
  if (!cell) return missing(...leftOut(run, [arm]));
  const folder = `${run.stored.folder}/${cell.id}`;
  const walks = await readTiles(run.host, folder, GENERATED.interpolation, cell);
  if (!walks) return missing(`${cell.id} left no walks between codes.`);
  return {
    title: heading,
    content: picture(walks, `Rows of images that ${arm} generates of codes on the way between two`),
    caption: "Each row walks from one code to another in equal steps, both ends included; " +
      `seed ${cell.seed}, after ${cell.progress.step.toLocaleString("en")} steps.`,
    notes: [],
  };
}
