/** Images under an attack that may change them more and more. */
import type { FigureOf } from "../../core/experiment/figure.ts";
import { columnsOf, readAttacked } from "../../core/experiment/samples/attacked_samples.ts";
import { boundText } from "../attack_text.ts";
import { imageGrid } from "../image_grid.ts";
import { cellsOf, leftOut, type Reported } from "../reported.ts";
import { answeredTile } from "./answered_tile.ts";
import type { Drawn } from "./drawn.ts";

const NAMES = { fgsm: "FGSM", noise: "random noise" } as const;

/**
 * Draws it from what the arm's first seed left.
 *
 * @throws {DeclarationError} when that is damaged.
 */
export async function epsilonStrips(
  run: Reported,
  figure: FigureOf<"epsilon strips">,
  id: string,
): Promise<Drawn> {
  const { arm, attack, epsilons, title = `${arm} under more and more ${NAMES[attack]}` } = figure;
  const missing = (...notes: string[]) => ({ title, content: undefined, caption: "", notes });
  const [cell] = cellsOf(run, arm);
  if (!cell) return missing(...leftOut(run, [arm]));
  const left = await readAttacked(run.host, `${run.stored.folder}/${cell.id}`, figure);
  if (!left) return missing(`${cell.id} left no images under this attack.`);
  const { attacked: { images, classes, image: [height, width], tried }, picture } = left;
  if (!picture) return missing(`${cell.id} gets none of the first ${tried} test images right.`);
  const tiles = images.flatMap(({ label, answers }) => {
    const truth = classes[label]!;
    return answers.map((answer, i) => {
      const said = { truth, taken: classes[answer.class]!, confidence: answer.confidence };
      if (i === 0) return answeredTile(said);
      const bound = `ε ${boundText(epsilons[i - 1]!)}`;
      return answeredTile(said, { name: bound, of: `${truth} at ${bound}` });
    });
  });
  return {
    title,
    content: imageGrid({
      id,
      png: picture.png,
      size: [height, width],
      columns: columnsOf(figure),
      tiles,
      rows: "lines",
    }),
    caption: `The first test images that seed ${cell.seed} of ${arm} gets right, then under ` +
      `${
        NAMES[attack]
      } that changes each pixel by at most ε of its range: what the net says, with ` +
      "its confidence; ✓ and a solid frame where it is right, ✗ and a dashed one where it is not.",
    notes: [],
  };
}
