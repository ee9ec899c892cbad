/**
 * Leaves images under attack for the figures that show them, from the checkpoint of a finished cell:
 * the first test images that its net gets right until an attack makes it take them for others, or the
 * first that it gets right, under growing bounds.
 */
import { type Dataset, DATASETS, type Images } from "../../data/dataset.ts";
import { nearestBytes, unitPixels } from "../../data/pixels.ts";
import type { Device } from "../../device/device.ts";
import { answersOf } from "../../train/answers.ts";
import { type Attack, targetOf } from "../../train/attack.ts";
import { ATTACK_BATCH, type Attacker, openAttacker } from "../../train/attacker.ts";
import type { Supervised } from "../arms/arm.ts";
import { fittingLater, readCheckpoint } from "../cells/checkpoint_file.ts";
import { firstSeen } from "../cells/supervised_cell.ts";
import type { Host } from "../host_interface.ts";
import { FILES, FORMAT } from "../records/record.ts";
import { type Attacked, attackedFiles, type AttackFigure, columnsOf } from "./attacked_samples.ts";
import { tiled } from "./picture.ts";

/** An image that is shown. */
interface Shown {
  readonly said: Attacked["images"][number];
  /** Its pixels in 0..1, as it is and as attacks made them. */
  readonly stages: readonly Float32Array[];
}

/**
 * Writes them into the folder of a finished cell, unless it has them.
 *
 * @throws {CheckpointError} when its checkpoint is damaged or does not fit.
 */
export async function leaveAttacked(
  { host, device }: { readonly host: Host; readonly device: Device },
  arm: Supervised,
  published: Dataset,
  seed: number,
  folder: string,
  figures: readonly AttackFigure[],
): Promise<void> {
  const files = await Promise.all(figures.map(attackedFiles));
  const there = await Promise.all(files.map(({ numbers }) => host.exists(`${folder}/${numbers}`)));
  if (there.every((is) => is)) return;
  // One batch, whose random numbers are those of the same images when they are measured.
  const data = firstSeen(arm, published, ATTACK_BATCH);
  const path = `${folder}/${FILES.checkpoint}`;
  const { tensors } = await readCheckpoint(host, path);
  const net = { layers: arm.net, tensors };
  // Attacks aim at classes by their published names, also on a stand-in.
  const { names } = DATASETS[arm.data];
  const form = { image: data.shape, classes: names, pixels: arm.pixels };
  const attacker = await fittingLater(path, () => openAttacker(device, net, form));
  try {
    for (const [i, figure] of figures.entries()) {
      if (there[i]) continue;
      const { attacked, tiles } = await findImages(attacker, figure, data, names, seed);
      if (tiles.length > 0) {
        const png = tiled(tiles.map(nearestBytes), data.shape, columnsOf(figure));
        await host.writeAtomic(`${folder}/${files[i]!.picture}`, png);
      }
      // The numbers last: where they are, the picture is.
      const numbers = `${JSON.stringify(attacked, null, 2)}\n`;
      await host.writeAtomic(`${folder}/${files[i]!.numbers}`, numbers);
    }
  } finally {
    attacker.close();
  }
}

async function findImages(
  attacker: Attacker,
  figure: AttackFigure,
  { test, shape, classes }: Dataset,
  names: readonly string[],
  seed: number,
): Promise<{ readonly attacked: Attacked; readonly tiles: readonly Float32Array[] }> {
  const all = await attackedBy(attacker, attacksOf(figure), test, names.length, seed);
  const shown = all.filter(({ said }) => isShown(figure, said, names)).slice(0, figure.images);
  const times = figure.figure === "attacked images"
    ? figure.amplified ?? fitting(shown)
    : undefined;
  return {
    attacked: {
      format: FORMAT,
      classes: [...classes],
      image: [...shape] as Attacked["image"],
      tried: test.count,
      ...(times !== undefined && { amplified: times }),
      images: shown.map(({ said }) => said),
    },
    tiles: shown.flatMap(({ stages }) =>
      times === undefined ? stages : [stages[0]!, perturbation(stages, times), stages[1]!]
    ),
  };
}

/** What is done to an image, one after the other. */
function attacksOf(figure: AttackFigure): Attack[] {
  return figure.figure === "attacked images"
    ? [figure.attack]
    : figure.epsilons.map((epsilon) => ({ attack: figure.attack, epsilon }));
}

/** Images with what the net says of them as they are, and under each attack. */
async function attackedBy(
  attacker: Attacker,
  attacks: readonly Attack[],
  images: Images,
  classes: number,
  seed: number,
): Promise<Shown[]> {
  const all: Float32Array[] = [unitPixels(images)];
  for (const attack of attacks) all.push(await attacker.attack(attack, images, seed));
  const said: ReturnType<typeof answersOf>[] = [];
  for (const pixels of all) said.push(answersOf(await attacker.logits(pixels), classes));
  const length = images.pixels.length / images.count;
  return Array.from({ length: images.count }, (_, index) => ({
    said: {
      index,
      label: images.labels[index]!,
      answers: said.map(({ classes, confidences }) => (
        { class: classes[index]!, confidence: confidences[index]! }
      )),
    },
    stages: all.map((pixels) => pixels.subarray(index * length, (index + 1) * length)),
  }));
}

/** Whether an image is one of those that a figure is about. */
function isShown(
  figure: AttackFigure,
  { label, answers }: Shown["said"],
  names: readonly string[],
): boolean {
  const finite = answers.every(({ confidence }) => Number.isFinite(confidence));
  if (!finite || answers[0]!.class !== label) return false;
  if (figure.figure === "epsilon strips") return true;
  const { class: taken } = answers[1]!;
  const target = targetOf(figure.attack, names);
  return taken !== label && (target === undefined || taken === target);
}

/** How many times the largest change may be drawn larger without leaving the range of pixels. */
function fitting(shown: readonly Shown[]): number {
  const largest = shown.reduce(
    (largest, { stages: [clean, made] }) =>
      made!.reduce((largest, x, i) => Math.max(largest, Math.abs(x - clean![i]!)), largest),
    0,
  );
  return largest === 0 ? 1 : Math.max(1, Math.floor(0.5 / largest));
}

/** What an attack changed, so many times larger, around grey. */
function perturbation([clean, made]: readonly Float32Array[], times: number): Float32Array {
  return clean!.map((x, i) => Math.max(0, Math.min(1, 0.5 + times * (made![i]! - x))));
}
