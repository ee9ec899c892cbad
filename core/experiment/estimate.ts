/** How long a run will take and what it will write, before it starts. */
import type { Classic } from "../classic/classic.ts";
import { type Dataset, DATASETS } from "../data/dataset.ts";
import type { Device } from "../device/device.ts";
import type { CompiledProgram } from "../graph/compile.ts";
import { ShapeError, size } from "../ops/op.ts";
import { attackPasses } from "../train/adversary.ts";
import { buildAdversarial } from "../train/adversarial.ts";
import type { Attack } from "../train/attack.ts";
import { buildSearch, SEARCH_BATCH } from "../train/nearest_neighbour.ts";
import { buildSupervised } from "../train/supervised.ts";
import { lookCount } from "./cells/adversarial_cell.ts";
import type { Needed } from "./cells/needed_net.ts";
import type { Adversarial } from "./arms/adversarial.ts";
import type { TransferCell } from "./arms/seeded.ts";
import {
  imageShape,
  isTrained,
  stepsPerEpoch,
  type Supervised,
  type Trained,
  trainedImages,
} from "./arms/arm.ts";
import { inspectedNumbers, inspections } from "./arms/inspect.ts";
import { parametersOf } from "./arms/nets.ts";
import type { Experiment } from "./define.ts";
import { searchedStore } from "./cells/nearest_cell.ts";
import type { NearestCell } from "./arms/nearest_neighbour.ts";
import type { Cell } from "./plan.ts";
import { storesFor } from "./cells/supervised_cell.ts";
import { readingsOf } from "./measures/take_measures.ts";
import { canonicalJson } from "./records/canonical.ts";

/** An arm that one step, or batch, is timed of. */
type TimedArm = Trained | NearestCell;

/** A look inside a net makes a step, passes the net twice besides and sums: measured, 2 to 3 steps. */
const INSPECTION_STEPS = 3;

/** Of a number in the checkpoint, and in the record, where each has its line. */
const INSPECTED_BYTES = 40;

/**
 * An evaluation's forward pass takes about a third of a pass there and back of as many images, as a
 * plain training step has one.
 */
const EVALUATION_SHARE = 1 / 3;

/** A step of an attack has no gradients of weights: about two thirds of a training step. */
const ATTACK_STEP_SHARE = 2 / 3;

/** Training images in the timed batch of a search; among more it takes that much longer. */
const TIMED_IMAGES = 2_000;

/**
 * Seconds that each cell but computations will take, by its id, from one timed step of each distinct
 * net, or batch of each search, on the device; the programs are built on the way, so a net that does
 * not fit is found before anything runs.
 *
 * @param own the nets that transfers will train themselves, by the ids of their cells.
 * @throws {ShapeError} naming the cell and the layer that does not fit.
 * @throws {DeviceError} when there is a timing, and the device cannot time its work.
 */
export async function estimateSeconds(
  device: Device,
  experiment: Experiment,
  cells: readonly Cell[],
  datasets: ReadonlyMap<string, Dataset>,
  own: ReadonlyMap<string, readonly Needed[]> = new Map(),
): Promise<ReadonlyMap<string, number>> {
  const timed = new Map<string, number>();
  const perStep = async (id: string, arm: TimedArm, way: Way) => {
    const key = JSON.stringify([way, timedPart(arm)]);
    const seconds = timed.get(key) ?? await timeStep(device, arm, way).catch(namedAfter(id));
    timed.set(key, seconds);
    return seconds;
  };
  const seconds = new Map<string, number>();
  for (const cell of cells) {
    const { id, config } = cell;
    if (config.kind === "computation") continue;
    if (config.kind === "timing") {
      let round = 0;
      for (const { config: arm } of config.timed) round += await perStep(id, arm, "profile");
      seconds.set(id, round * (config.rounds + 1));
      continue;
    }
    if (config.kind === "transfer") {
      const data = datasets.get(config.data)!;
      let sum = fittingSeconds(config);
      for (const { config: net } of own.get(id) ?? []) {
        sum += await perStep(id, net, "run") * trainingSteps(net, net.steps!, data);
      }
      for (const { net, passes } of shownPasses(config)) {
        sum += await perStep(id, net, "run") * passes * config.images / net.batch;
      }
      seconds.set(id, sum);
      continue;
    }
    const steps = inSteps(experiment, { ...cell, config }, datasets.get(config.data)!);
    seconds.set(id, await perStep(id, config, "run") * steps);
  }
  return seconds;
}

/** How a step is run: as it is when training, or dispatch by dispatch, as a timing does it. */
type Way = "run" | "profile";

function namedAfter(id: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof ShapeError)) throw error;
    throw new ShapeError(`${id}: ${error.message}`, { cause: error });
  };
}

/** What of an arm the time of its step hangs on. */
function timedPart(arm: TimedArm): unknown {
  switch (arm.kind) {
    case "supervised":
      return [timedNet(arm), timedObjective(arm), arm.batch, imageShape(arm)];
    case "adversarial":
      return [arm.generator, arm.discriminator, arm.batch, arm.code, imageShape(arm)];
    case "nearestNeighbour":
      return [arm.data, arm.metric];
  }
}

/** A net and its optimiser without the numbers that sweeps go over, and that change no program. */
function timedNet({ net, optimiser }: Supervised): unknown {
  const layers = net.map((layer) => ({ ...layer, weights: undefined }));
  return [layers, { ...optimiser, learningRate: undefined }];
}

/** What is made small, without those numbers: which passes of the net a step takes. */
function timedObjective({ loss, weightDecay, adversary, virtual }: Supervised): unknown {
  return [
    ...[loss, weightDecay !== undefined],
    adversary && [adversary.start, attackPasses(adversary), adversary.clean > 0],
    virtual && [virtual.batch, virtual.iterations],
  ];
}

/**
 * Times that a training step of an arm passes its net there and back, over as many images as its
 * batch has.
 */
function passes({ adversary, virtual, batch }: Supervised): number {
  const attacked = adversary ? attackPasses(adversary) + (adversary.clean > 0 ? 1 : 0) : 0;
  const beside = virtual ? (virtual.iterations + 1) * virtual.batch / batch : 0;
  return 1 + attacked + beside;
}

/** All work of a cell in units of the timed one. */
function inSteps(
  experiment: Experiment,
  { config, ...cell }: Omit<Cell, "config"> & { readonly config: TimedArm },
  data: Dataset,
): number {
  switch (config.kind) {
    case "supervised":
      return trainingSteps(config, cell.steps, data) + inspectionSteps(config, cell.steps) +
        readingSteps(experiment, { ...cell, config }, data);
    case "adversarial":
      return cell.steps + lookSteps(config, cell.steps, data);
    case "nearestNeighbour":
      return searchBatches(config, data);
  }
}

/** Looks, as if they were steps: generated and real images pass each net once. */
function lookSteps(arm: Adversarial, steps: number, data: Dataset): number {
  const looks = Math.ceil(steps / arm.lookEvery);
  return looks * lookCount(arm, data) / arm.batch * EVALUATION_SHARE;
}

/** Steps at most, and the evaluations as if they were some. */
function trainingSteps(arm: Supervised, steps: number, { train, test }: Dataset): number {
  const { validationImages = Infinity, testImages = Infinity } = arm;
  const watched = arm.level ? trainedImages(arm) : 0;
  const validation = Math.min(validationImages, train.count - arm.trainImages);
  const tested = Math.min(testImages, test.count);
  const { evaluations } = arm;
  const every = typeof evaluations === "object" ? evaluations.every : stepsPerEpoch(arm);
  const onTheWay = watched +
    (evaluations === "at the end" ? 0 : validation) + (evaluations === "every epoch" ? tested : 0);
  const evaluated = (Math.ceil(steps / every) - 1) * onTheWay + watched + validation + tested;
  return steps + evaluated / arm.batch * EVALUATION_SHARE / passes(arm);
}

/** Looks inside the net, as if they were steps: one more for each step size of a landscape. */
function inspectionSteps({ inspect }: Supervised, steps: number): number {
  if (!inspect) return 0;
  return inspections(inspect, steps) * (INSPECTION_STEPS + (inspect.landscape?.length ?? 0));
}

/** What the finished net is asked, as if it were steps. */
function readingSteps(
  experiment: Experiment,
  cell: Cell & { readonly config: Supervised },
  { test }: Dataset,
): number {
  const { testImages = Infinity, batch } = cell.config;
  const most = Math.min(testImages, test.count);
  const carriedOut = new Set<string>();
  const steps = readingsOf(experiment, cell).map((reading) => {
    switch (reading.reading) {
      case "accuracy":
        return Math.min(reading.images, most) * EVALUATION_SHARE;
      case "training accuracy":
        return trainedImages(cell.config) * EVALUATION_SHARE;
      case "attack": {
        const key = canonicalJson([reading.attack, reading.images]);
        if (carriedOut.has(key)) return 0;
        carriedOut.add(key);
        return Math.min(reading.images, most) * attackShare(reading.attack);
      }
      case "linearity":
        return Math.min(reading.images, most) *
          (ATTACK_STEP_SHARE + reading.points * EVALUATION_SHARE);
      default:
        return 0;
    }
  });
  return steps.reduce((sum, share) => sum + share, 0) / batch / passes(cell.config);
}

/** An attack on an image, and what the net answers to it, over a training step of an image. */
function attackShare(attack: Attack | null): number {
  if (attack?.attack === "fgsm") return ATTACK_STEP_SHARE + EVALUATION_SHARE;
  if (attack?.attack !== "pgd") return EVALUATION_SHARE;
  return attack.restarts * (attack.steps * ATTACK_STEP_SHARE + EVALUATION_SHARE);
}

/** How often each image of a transfer passes its nets, as if in training. */
function shownPasses({ sources, targets, attack }: TransferCell) {
  return [
    ...sources.map(({ config }) => ({ net: config, passes: attackShare(attack) })),
    ...targets.flatMap((target) =>
      "arm" in target
        ? [{ net: target.config, passes: (1 + sources.length) * EVALUATION_SHARE }]
        : []
    ),
  ];
}

/** About what one core takes, by pixels of the images; a search has nothing to fit. */
function fittingSeconds({ data, fitted, targets }: TransferCell): number {
  const seconds = (classic: Classic): number => {
    switch (classic.classic) {
      case "naive Bayes":
        return 1e-8;
      case "decision tree":
        return 4e-8 * classic.depth;
      case "k-means":
        return 1e-9 * classic.clusters * classic.rounds;
      case "nearest neighbour":
        return 0;
    }
  };
  const classics = targets.flatMap((target) => "classic" in target ? [seconds(target)] : []);
  return fitted * size(DATASETS[data].shape) * classics.reduce((sum, own) => sum + own, 0);
}

/** Batches among {@link TIMED_IMAGES} training images. */
function searchBatches({ images, trainImages }: NearestCell, { train }: Dataset): number {
  const searched = Math.min(trainImages ?? Infinity, train.count);
  return (images.to - images.from) / SEARCH_BATCH * searched / TIMED_IMAGES;
}

function timedPrograms(arm: TimedArm): [programs: readonly CompiledProgram[], read: string] {
  switch (arm.kind) {
    case "supervised":
      return [[buildSupervised(arm, storesFor(arm, { train: 1, test: 1 })).step], "ring"];
    case "adversarial": {
      const store = { name: "train", count: 1, image: imageShape(arm) };
      const { discriminatorStep, generatorStep } = buildAdversarial(arm, store);
      return [[discriminatorStep, generatorStep], "ring"];
    }
    case "nearestNeighbour":
      return [[buildSearch(arm.metric, searchedStore(arm.data, TIMED_IMAGES))], "nearest"];
  }
}

async function timeStep(device: Device, arm: TimedArm, way: Way): Promise<number> {
  const [programs, read] = timedPrograms(arm);
  const memory = await device.load(programs);
  try {
    // The first run is slower: kernels are compiled and memory is touched.
    let seconds = 0;
    for (let i = 0; i < 2; i++) {
      const start = performance.now();
      for (const program of programs) {
        if (way === "profile") await memory.profile(program);
        else memory.run(program);
      }
      await memory.read(read, 0, 1);
      seconds = (performance.now() - start) / 1000;
    }
    return seconds;
  } finally {
    memory.close();
  }
}

/** Bytes that the cells will write, and the nets that some will train: checkpoints, metrics, records. */
export function estimateDisk(
  cells: readonly Cell[],
  own: ReadonlyMap<string, readonly Needed[]>,
): number {
  const nets = [...own.values()].flat().map(({ config }) => ({ config, steps: config.steps! }));
  return [...cells, ...nets].reduce((sum, { config, steps }) => {
    if (config.kind === "timing") return sum + (8_000 + 10 * config.rounds) * config.timed.length;
    if (!isTrained(config)) return sum + 4_000;
    const looks = config.kind === "adversarial"
      ? 30_000 * Math.ceil(steps / config.lookEvery)
      : INSPECTED_BYTES * inspectedNumbers(config, steps);
    return sum + 12 * parametersOf(config) + 40 * steps + looks + 8_000;
  }, 0);
}
