/** Images that an attack makes a net take for others, with what it changed. */
import type { FigureOf } from "../../core/experiment/figure.ts";
import { count, formatNumber } from "../../core/experiment/records/format.ts";
import { readAttacked } from "../../core/experiment/samples/attacked_samples.ts";
import { aimOf } from "../../core/train/attack.ts";
import { attackText } from "../attack_text.ts";
import { html } from "../html.ts";
import { imageGrid, type Tile } from "../image_grid.ts";
import { cellsOf, leftOut, type Reported } from "../reported.ts";
import { answeredTile } from "./answered_tile.ts";
import type { Drawn } from "./drawn.ts";

/**
 * Draws it from what the arm's first seed left.
 *
 * @throws {DeclarationError} when that is damaged.
 */
export async function attackedImages(
  run: Reported,
  figure: FigureOf<"attacked images">,
  id: string,
): Promise<Drawn> {
  const { arm, attack, title = `${arm} under ${attackText(attack)}` } = figure;
  const missing = (...notes: string[]) => ({ title, content: undefined, caption: "", notes });
  const [cell] = cellsOf(run, arm);
  if (!cell) return missing(...leftOut(run, [arm]));
  const left = await readAttacked(run.host, `${run.stored.folder}/${cell.id}`, figure);
  if (!left) return missing(`${cell.id} left no images under this attack.`);
  const { attacked: { images, classes, image: [height, width], tried, amplified }, picture } = left;
  const times = `× ${formatNumber(amplified!)}`;
  const fooled = `taken for ${aimOf(attack) ?? "another class"}`;
  if (!picture) {
    return missing(
      `Of the first ${count(tried, "test image")}, none that ${cell.id} gets right is ${fooled} ` +
        `under ${attackText(attack)}.`,
    );
  }
  const tiles = images.flatMap(({ label, answers }): Tile[] => {
    const truth = classes[label]!;
    const [before, after] = answers.map((answer) => (
      { truth, taken: classes[answer.class]!, confidence: answer.confidence }
    ));
    return [
      answeredTile(before!),
      {
        label: `what the attack changes, ${times}`,
        caption: html`<b>change</b> <span>${times}</span>`,
      },
      answeredTile(after!, { of: `${truth} under attack` }),
    ];
  });
  const few = images.length < figure.images ? `; the first ${tried} held no more` : "";
  return {
    title,
    content: imageGrid({
      id,
      png: picture.png,
      size: [height, width],
      columns: 3,
      tiles,
      rows: "beside",
    }),
    caption: `The first test images that seed ${cell.seed} of ${arm} gets right, and that are ` +
      `${fooled} under ${attackText(attack)}${few}: each image, what is changed of it, drawn ` +
      `${times} around grey, and both added up. Below stands the true class, and what the net says ` +
      "with its confidence.",
    notes: [],
  };
}
