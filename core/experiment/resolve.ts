/** What is run of a declared arm: its fields, with those that a preset, a sweep or a user changes. */
import { DATASETS } from "../data/dataset.ts";
import { leavesWeights } from "../nn/layers.ts";
import {
  type Arm,
  armSchema,
  imagesOfStep,
  stepsPerEpoch,
  type Supervised,
  type Trained,
  trainedImages,
} from "./arms/arm.ts";
import { type NearestNeighbour, nearestNeighbourSchema } from "./arms/nearest_neighbour.ts";
import type { TimingCell, TransferCell } from "./arms/seeded.ts";
import { type Timing, timingSchema } from "./arms/timing.ts";
import { type Transfer, transferSchema } from "./arms/transfer.ts";
import { DeclarationError } from "./declaration_error.ts";
import type { Experiment, Preset } from "./define.ts";
import { assign, fieldOf, FIELDS } from "./fields.ts";
import { parse, within } from "./parse.ts";
import { type Point, pointText } from "./sweep.ts";

/** An arm with its preset and options; of one that names others, these too. */
export type Resolved = Exclude<Arm, Timing | Transfer> | TimingCell | TransferCell;

/** What a user changes of the arms. */
export interface Changes {
  /** Training steps instead of the preset's. */
  readonly steps?: number | undefined;
  /** Field values by path, for every supervised arm, and for nearest neighbours those they have. */
  readonly set?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * An arm at a point as its cells run it: what is declared, changed by the preset, then by the point,
 * then by what is asked for.
 *
 * @throws {DeclarationError} naming the arm and what of it does not fit together.
 */
export function resolve(
  experiment: Experiment,
  { arm, point }: { readonly arm: string; readonly point: Point },
  preset: Preset,
  options: Changes,
): Resolved {
  const declared = experiment.arms[arm]!;
  if (declared.kind === "computation") return declared;
  const { steps, set = {} } = options;
  if (declared.kind === "nearestNeighbour") {
    return resolveNearest(arm, declared, point, set);
  }
  const planned = (name: string) => {
    const config = resolve(experiment, { arm: name, point: {} }, preset, options) as Supervised;
    return { arm: name, config };
  };
  if (declared.kind === "timing") {
    const fields = { ...declared, ...ofKind(declared, set) };
    const { arms, ...timing } = parse(timingSchema, fields, `arm "${arm}"`);
    const timed = arms.map(planned);
    return { ...timing, data: timed[0]!.config.data, timed };
  }
  if (declared.kind === "transfer") return resolveTransfer(arm, declared, preset, set, planned);
  const { seeds: _seeds, arms: _arms, epochs, steps: presetSteps, ...changes } = preset;
  const hasLength = declared.steps !== undefined || declared.epochs !== undefined;
  const fields: Record<string, unknown> = structuredClone({
    ...declared,
    ...(!hasLength && { epochs, steps: presetSteps }),
    ...ofKind(declared, changes),
  });
  for (const [path, value] of Object.entries(point)) assign(fields, path, value);
  for (const [path, value] of Object.entries(ofKind(declared, set))) {
    within(`--set ${path}`, () => assign(fields, path, value));
  }
  const where = `arm "${arm}"` + (Object.keys(point).length > 0 ? ` at ${pointText(point)}` : "");
  const parsed = parse(armSchema, fields, where) as Trained;
  requireUse(where, parsed);
  return { ...withSteps(where, parsed, steps), epochs: undefined };
}

/** What is looked at is how an arm itself trains: of the others only the ends are asked. */
export function unwatched(arm: Resolved): Resolved {
  return arm.kind === "supervised" ? { ...arm, inspect: undefined } : arm;
}

/** A preset says how nets are trained, so it changes nothing here. */
function resolveNearest(
  name: string,
  declared: NearestNeighbour,
  point: Point,
  set: Readonly<Record<string, unknown>>,
): NearestNeighbour {
  const fields = { ...declared, ...point, ...ofKind(declared, set) };
  return parse(nearestNeighbourSchema, fields, `arm "${name}"`);
}

/** A preset says how many images there are for nets, and no more are used here. */
function resolveTransfer(
  name: string,
  declared: Transfer,
  { trainImages = Infinity, testImages = Infinity }: Preset,
  set: Readonly<Record<string, unknown>>,
  planned: (arm: string) => { readonly arm: string; readonly config: Supervised },
): TransferCell {
  const fields: Record<string, unknown> = structuredClone({
    ...declared,
    images: Math.min(declared.images, testImages),
    fitted: Math.min(declared.fitted, trainImages),
  });
  for (const [path, value] of Object.entries(ofKind(declared, set))) {
    within(`--set ${path}`, () => assign(fields, path, value));
  }
  const where = `arm "${name}"`;
  const { sources, targets, ...transfer } = parse(transferSchema, fields, where);
  const cell = {
    ...transfer,
    sources: sources.map((source) => ({ ...source, ...planned(source.arm) })),
    targets: targets.map((target) => typeof target === "string" ? planned(target) : target),
  };
  within(where, () => {
    requirePictures(cell);
    requireFitted(cell);
  });
  return cell;
}

/** @throws {DeclarationError} when k-means is to make more clusters than it has images. */
function requireFitted({ targets, fitted }: TransferCell): void {
  for (const target of targets) {
    if (!("clusters" in target) || target.clusters <= fitted) continue;
    throw new DeclarationError(
      `${target.classic} cannot make ${target.clusters} clusters of ${fitted} images; make clusters ` +
        "fewer, or fitted larger",
    );
  }
}

/** @throws {DeclarationError} when a net takes no pictures of the data set, or cannot be attacked. */
function requirePictures({ sources, targets }: TransferCell): void {
  for (const { arm, config } of [...sources, ...targets.filter((target) => "arm" in target)]) {
    if (config.canvas === undefined) continue;
    throw new DeclarationError(
      `"${arm}" takes images on a canvas of ${config.canvas} pixels a side, and a transfer shows all ` +
        "nets the images of the data set as they are; name another arm",
    );
  }
  const other = sources.find(({ config }) => config.pixels !== "unit");
  if (other === undefined) return;
  throw new DeclarationError(
    `"${other.arm}" takes pixels "${other.config.pixels}", and an attack moves pixels within 0..1; ` +
      'make images on an arm with pixels "unit"',
  );
}

/** Of values by path, which speak of all arms, those whose fields an arm's kind has. */
function ofKind(
  { kind }: { readonly kind: Exclude<Arm["kind"], "computation"> },
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const own = Object.entries(values)
    .filter(([path]) => fieldOf(path) in FIELDS[kind]);
  return Object.fromEntries(own);
}

/** @throws {DeclarationError} when an arm says where weights start and no layer follows it. */
function requireUse(where: string, arm: Trained): void {
  if (arm.kind !== "supervised" || !arm.weights || arm.net.some(leavesWeights)) return;
  throw new DeclarationError(
    `${where}: weights: they change nothing, since every layer that has weights declares its own; ` +
      "drop the arm's, or those of the layers that it is meant for",
  );
}

/** Training length in steps: asked for, declared, or from epochs of whole batches. */
function withSteps(where: string, arm: Trained, asked: number | undefined): Trained {
  const { trainImages } = arm;
  const { subset = trainImages, canvas = Infinity } = arm.kind === "supervised" ? arm : {};
  const side = Math.max(...DATASETS[arm.data].shape.slice(0, 2));
  if (canvas < side) {
    throw new DeclarationError(
      `${where}: a canvas of ${canvas} pixels a side is smaller than the images of ${arm.data}; ` +
        `make it at least ${side}`,
    );
  }
  if (subset > trainImages) {
    throw new DeclarationError(
      `${where}: a subset of ${subset} images cannot be drawn from ${trainImages} training ` +
        "images; make the subset smaller, or take a larger preset",
    );
  }
  const { unlabelled } = imagesOfStep(arm);
  if (unlabelled > trainImages) {
    throw new DeclarationError(
      `${where}: virtual.batch: ${unlabelled} images are more than its ${trainImages} training ` +
        "images; make it smaller, or trainImages larger",
    );
  }
  const perEpoch = stepsPerEpoch(arm);
  if (perEpoch === 0) {
    throw new DeclarationError(
      `${where}: a batch of ${arm.batch} is larger than its ${trainedImages(arm)} training ` +
        "images; make the batch smaller",
    );
  }
  if (arm.steps !== undefined && arm.epochs !== undefined) {
    throw new DeclarationError(`${where}: give steps or epochs, not both`);
  }
  const steps = asked ?? arm.steps ?? (arm.epochs ?? 0) * perEpoch;
  if (steps === 0) {
    throw new DeclarationError(`${where}: neither it nor its preset gives steps or epochs`);
  }
  return { ...arm, steps };
}
