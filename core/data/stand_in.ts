/**
 * Stand-ins: images that this project draws itself, so that the first command of a reader who has
 * no data shows the whole path at work. They have the shapes of the data set they stand for and are
 * learned like it, but nothing is claimed on them.
 *
 * The same bytes everywhere: Philox streams and + - * / sqrt in f64, whose results IEEE 754 fixes;
 * no Math.sin or the like, which differ between engines.
 */
import { stream } from "../random/streams.ts";
import { thousands } from "./checks.ts";
import { type Dataset, datasetDigest, type DatasetName, type Images } from "./dataset.ts";
import { Draws } from "./draws.ts";

const TRAIN = 6_000;
const TEST = 1_000;

/** What distinguishes one stand-in from another. */
export interface Drawing {
  readonly name: DatasetName;
  readonly title: string;
  readonly shape: readonly [number, number, number];
  readonly classes: readonly string[];
  /** Draws one image of class `label` into `pixels` ([height, width, channels], zeros). */
  readonly paint: (label: number, draws: Draws, pixels: Uint8Array) => void;
}

/** Kept, since drawing takes half a second: a process that makes one run often makes another. */
const drawn = new Map<DatasetName, Promise<Dataset>>();

/** Draws 6,000 training and 1,000 test images, the classes in turn. */
export function drawStandIn(drawing: Drawing): Promise<Dataset> {
  const dataset = drawn.get(drawing.name) ?? draw(drawing);
  drawn.set(drawing.name, dataset);
  return dataset;
}

async function draw(drawing: Drawing): Promise<Dataset> {
  const { name, title, shape, classes } = drawing;
  const train = drawImages(drawing, 0, TRAIN);
  const test = drawImages(drawing, TRAIN, TEST);
  const digest = await datasetDigest(shape, train, test);
  const description = `a drawn stand-in for ${title}, ${thousands(TRAIN + TEST)} images`;
  return { name, source: "stand-in", digest, shape, classes, train, test, description };
}

function drawImages(
  { name, shape, classes, paint }: Drawing,
  first: number,
  count: number,
): Images {
  const imageBytes = shape[0] * shape[1] * shape[2];
  const pixels = new Uint8Array(count * imageBytes);
  const labels = new Uint8Array(count);
  const source = stream(0, `stand-in ${name}`);
  for (let i = 0; i < count; i++) {
    const label = i % classes.length;
    labels[i] = label;
    const image = pixels.subarray(i * imageBytes, (i + 1) * imageBytes);
    paint(label, new Draws(source, first + i), image);
  }
  return { pixels, labels, count };
}
