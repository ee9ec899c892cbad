/**
 * From a declaration and options to cells: one per arm, seed and sweep point; of nearest neighbours
 * one per share of their test images.
 */
import { DATASETS } from "../data/dataset.ts";
import {
  type Arm,
  armSchema,
  type Computation,
  isTrained,
  stepsPerEpoch,
  type Supervised,
  supervisedSchema,
  type Trained,
} from "./arms/arm.ts";
import { adversarialSchema } from "./arms/adversarial.ts";
import { requireRoom } from "./arms/inspect.ts";
import { leavesWeights } from "../nn/layers.ts";
import { canonicalJson, digestOf } from "./records/canonical.ts";
import { armsOf, choiceOf, type Claim } from "./claims/claim.ts";
import {
  DeclarationError,
  type Experiment,
  known,
  parse,
  type Preset,
  type PresetName,
} from "./define.ts";
import {
  type NearestCell,
  type NearestNeighbour,
  nearestNeighbourSchema,
  shareOut,
} from "./arms/nearest_neighbour.ts";
import { isSeeded, type Seeded, seededSchema, type TimingCell } from "./arms/seeded.ts";
import { type Timing, timingSchema } from "./arms/timing.ts";

/** What a user asks for beyond the declaration. */
export interface PlanOptions {
  readonly preset: PresetName;
  /** The preset's seeds if left out. */
  readonly seeds?: readonly number[] | undefined;
  /** Only these arms; the preset's if left out. */
  readonly arms?: readonly string[] | undefined;
  /** Only the cells that this claim needs. */
  readonly claim?: string | undefined;
  /** Training steps instead of the preset's. */
  readonly steps?: number | undefined;
  /** Field values by path, for every supervised arm, and for nearest neighbours those they have. */
  readonly set?: Readonly<Record<string, unknown>> | undefined;
}

/** The unit of running, resuming, reproducing and comparing. */
export interface Cell {
  /** Names its folder: `<arm>-s<seed>`, then the sweep point, then its share of the images. */
  readonly id: string;
  readonly arm: string;
  readonly seed: number;
  /** Only chooses between opponents; never part of a comparison. */
  readonly tuning: boolean;
  readonly point: Readonly<Record<string, unknown>>;
  /** The arm as it is run. */
  readonly config: CellConfig;
  /** Digest of everything that reaches the cell's program or its data. */
  readonly digest: string;
  /** Training steps; 0 where nothing is trained. */
  readonly steps: number;
}

/** An arm as a cell runs it. */
export type CellConfig = Seeded | NearestCell | Computation;

/**
 * Plans the cells of a run, the main seeds first.
 *
 * @throws {DeclarationError} for an unknown arm or claim, a field that does not exist or has the
 * wrong type.
 */
export async function planCells(experiment: Experiment, options: PlanOptions): Promise<Cell[]> {
  const preset = experiment.presets[options.preset];
  const seeds = [...new Set(options.seeds ?? presetSeeds(preset))];
  const claims = chosenClaims(experiment, options.claim);
  const arms = chosenArms(experiment, options, claims);
  const wanted: Pick<Cell, "arm" | "seed" | "tuning" | "point">[] = [];
  for (const seed of seeds) {
    for (const arm of arms) {
      const at = { arm, seed, tuning: false };
      if (!isSeeded(experiment.arms[arm]!)) {
        // Nothing here is random: one cell says all, whatever the seeds of this run.
        if (seed !== seeds[0]) continue;
        at.seed = 0;
      }
      wanted.push({ ...at, point: {} });
      if (options.claim !== undefined || !experiment.sweep?.arms.includes(arm)) continue;
      for (const point of points(experiment.sweep.over)) {
        wanted.push({ ...at, point });
      }
    }
  }
  for (const { arm, seed, minSeeds } of tuningCells(claims, arms)) {
    if (seeds.includes(seed)) {
      throw new DeclarationError(
        `seed ${seed} is kept for choosing between opponents; ask for other seeds`,
      );
    }
    if (seeds.length >= minSeeds) wanted.push({ arm, seed, tuning: true, point: {} });
  }
  const swept = Object.keys(options.set ?? {}).find((path) =>
    path in (experiment.sweep?.over ?? {})
  );
  if (swept !== undefined) {
    throw new DeclarationError(`--set ${swept}: the experiment sweeps over this field itself`);
  }
  const cells = await Promise.all(wanted.flatMap((cell) => {
    const arm = resolve(experiment, cell, preset, options);
    const configs = arm.kind === "nearestNeighbour" ? shareOut(arm) : [arm];
    return configs.map(async (config): Promise<Cell> => ({
      ...cell,
      id: [
        `${cell.arm}-s${cell.seed}`,
        ...Object.entries(cell.point).map(pointName),
        ...shareName(config),
      ].join("-"),
      config,
      digest: await configDigest(config, cell),
      steps: isTrained(config) ? config.steps! : 0,
    }));
  }));
  const kinds = new Set(
    cells.flatMap(({ config: { kind } }) =>
      kind === "timing" ? [kind, "supervised" as const] : [kind]
    ),
  );
  const fields = [...kinds].flatMap((kind) =>
    kind === "computation" ? [] : Object.keys(FIELDS[kind])
  );
  for (const path of Object.keys(options.set ?? {})) {
    known("field", path.split(".")[0]!, [...new Set(fields)]);
  }
  const twice = cells.find(({ id }, i) => cells.findIndex((other) => other.id === id) < i);
  if (twice) {
    throw new DeclarationError(`two sweep points would share the folder ${twice.id}; drop one`);
  }
  return cells;
}

/** The seeds that a preset runs. */
export function presetSeeds({ seeds }: Preset): number[] {
  return Array.from({ length: seeds }, (_, seed) => seed);
}

/**
 * Digest of what reaches a cell's program or data: its arm's fields, those at their default left
 * out, and its seed; of a timing the fields of the timed arms too; of nearest neighbours the share of
 * the images instead of a seed; of a computation the inputs, and the name, which stands for its
 * function.
 * Claims and measures are not in it, so that adding one changes no digest.
 */
export function configDigest(
  config: CellConfig,
  { arm, seed }: Pick<Cell, "arm" | "seed">,
): Promise<string> {
  if (config.kind === "computation") return digestOf({ arm, inputs: config.inputs });
  if (config.kind === "nearestNeighbour") return digestOf({ arm: config });
  return digestOf({ seed, arm: withoutDefaults(config) });
}

/** An arm without every field that parsing puts back by itself. */
function withoutDefaults(arm: Seeded): unknown {
  const whole = structuredClone(arm);
  const parsed = () => {
    const { data } = seededSchema.safeParse(whole);
    return data && canonicalJson(data);
  };
  const target = parsed();
  const prune = (node: unknown) => {
    if (typeof node !== "object" || node === null) return;
    const fields = node as Record<string, unknown>;
    for (const [key, value] of Object.entries(fields)) {
      prune(value);
      if (Array.isArray(node)) continue;
      delete fields[key];
      if (parsed() !== target) fields[key] = value;
    }
  };
  prune(whole);
  return whole;
}

function resolve(
  experiment: Experiment,
  { arm, point }: Pick<Cell, "arm" | "point">,
  preset: Preset,
  options: PlanOptions,
): Exclude<Arm, Timing> | TimingCell {
  const declared = experiment.arms[arm]!;
  if (declared.kind === "computation") return declared;
  const { steps, set = {} } = options;
  if (declared.kind === "nearestNeighbour") {
    return resolveNearest(arm, declared, point, set);
  }
  if (declared.kind === "timing") {
    const fields = { ...declared, ...ofKind(declared, set) };
    const { arms, ...timing } = parse(timingSchema, fields, `arm "${arm}"`);
    const timed = arms.map((name) => {
      const config = resolve(experiment, { arm: name, point: {} }, preset, options) as Supervised;
      return { arm: name, config };
    });
    return { ...timing, data: timed[0]!.config.data, timed };
  }
  const { seeds: _seeds, arms: _arms, epochs, steps: presetSteps, ...changes } = preset;
  const hasLength = declared.steps !== undefined || declared.epochs !== undefined;
  const fields: Record<string, unknown> = structuredClone({
    ...declared,
    ...(!hasLength && { epochs, steps: presetSteps }),
    ...ofKind(declared, changes),
  });
  for (const [path, value] of Object.entries({ ...point, ...ofKind(declared, set) })) {
    assign(fields, path, value);
  }
  const parsed = parse(armSchema, fields, `arm "${arm}"`) as Trained;
  requireUse(arm, parsed);
  return { ...withSteps(arm, parsed, steps), epochs: undefined };
}

/** A preset says how nets are trained, so it changes nothing here. */
function resolveNearest(
  name: string,
  declared: NearestNeighbour,
  point: Cell["point"],
  set: Readonly<Record<string, unknown>>,
): NearestNeighbour {
  const fields = { ...declared, ...point, ...ofKind(declared, set) };
  return parse(nearestNeighbourSchema, fields, `arm "${name}"`);
}

/** Of values by path, which speak of all arms, those whose fields an arm's kind has. */
function ofKind(
  { kind }: { readonly kind: Exclude<Arm["kind"], "computation"> },
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const own = Object.entries(values)
    .filter(([path]) => path.split(".")[0]! in FIELDS[kind]);
  return Object.fromEntries(own);
}

/** The fields of each kind of arm that has any. */
const FIELDS = {
  supervised: supervisedSchema.shape,
  adversarial: adversarialSchema.shape,
  nearestNeighbour: nearestNeighbourSchema.shape,
  // Which arms are timed is their names in measures and claims, so it is the declaration's to say.
  timing: timingSchema.pick({ rounds: true }).shape,
};

/** @throws {DeclarationError} when an arm says where weights start and no layer follows it. */
function requireUse(name: string, arm: Trained): void {
  if (arm.kind !== "supervised" || !arm.weights || arm.net.some(leavesWeights)) return;
  throw new DeclarationError(
    `arm "${name}": weights: they change nothing, since every layer that has weights declares its ` +
      "own; drop the arm's, or those of the layers that it is meant for",
  );
}

/** Training length in steps: asked for, declared, or from epochs of whole batches. */
function withSteps(name: string, arm: Trained, asked: number | undefined): Trained {
  const { trainImages } = arm;
  const { subset = trainImages, canvas = Infinity } = arm.kind === "supervised" ? arm : {};
  const side = Math.max(...DATASETS[arm.data].shape.slice(0, 2));
  if (canvas < side) {
    throw new DeclarationError(
      `arm "${name}": a canvas of ${canvas} pixels a side is smaller than the images of ${arm.data}; ` +
        `make it at least ${side}`,
    );
  }
  if (subset > trainImages) {
    throw new DeclarationError(
      `arm "${name}": a subset of ${subset} images cannot be drawn from ${trainImages} training ` +
        "images; make the subset smaller, or take a larger preset",
    );
  }
  const perEpoch = stepsPerEpoch(arm);
  if (perEpoch === 0) {
    throw new DeclarationError(
      `arm "${name}": a batch of ${arm.batch} is larger than its ${subset} training images; ` +
        "make the batch smaller",
    );
  }
  if (arm.steps !== undefined && arm.epochs !== undefined) {
    throw new DeclarationError(`arm "${name}": give steps or epochs, not both`);
  }
  const steps = asked ?? arm.steps ?? (arm.epochs ?? 0) * perEpoch;
  if (steps === 0) {
    throw new DeclarationError(`arm "${name}": neither it nor its preset gives steps or epochs`);
  }
  if (arm.kind === "supervised") requireRoom(name, arm, steps);
  return { ...arm, steps };
}

function assign(fields: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split(".");
  let node = fields;
  for (const key of keys.slice(0, -1)) {
    const next = Object.hasOwn(node, key) ? node[key] : undefined;
    if (typeof next !== "object" || next === null) {
      const names = Object.keys(node);
      throw new DeclarationError(
        `--set ${path}: ${known("field", key, names)} has no fields of its own`,
      );
    }
    node = next as Record<string, unknown>;
  }
  const last = keys.at(-1)!;
  if (last === "__proto__") throw new DeclarationError(`--set ${path}: there is no such field`);
  // A list keeps its length; an unknown field of an object is found when the arm is parsed.
  if (Array.isArray(node)) known("field", last, Object.keys(node));
  node[last] = value;
}

function chosenClaims(experiment: Experiment, id: string | undefined): readonly Claim[] {
  if (id === undefined) return experiment.claims;
  known("claim", id, experiment.claims.map((claim) => claim.id));
  return experiment.claims.filter((claim) => claim.id === id);
}

function chosenArms(
  experiment: Experiment,
  { preset, arms, claim }: PlanOptions,
  claims: readonly Claim[],
): readonly string[] {
  const all = Object.keys(experiment.arms);
  for (const arm of arms ?? []) known("arm", arm, all);
  const needed = claim !== undefined
    ? claims.flatMap(({ parts }) => parts.flatMap(armsOf))
    : arms ?? experiment.presets[preset].arms ?? all;
  return all.filter((arm) => needed.includes(arm) && (arms?.includes(arm) ?? true));
}

/**
 * The cells that claims keep for choosing the best of several opponents, and how many seeds it takes
 * for such a comparison to decide anything.
 */
function tuningCells(
  claims: readonly Claim[],
  arms: readonly string[],
): { arm: string; seed: number; minSeeds: number }[] {
  const found = new Map<string, { arm: string; seed: number; minSeeds: number }>();
  for (const part of claims.flatMap(({ parts }) => parts)) {
    const choice = choiceOf(part);
    if (choice === undefined || !armsOf(part).every((arm) => arms.includes(arm))) continue;
    const { bestOf, seed } = choice;
    for (const arm of bestOf) {
      const key = `${arm} ${seed}`;
      const fewest = Math.min(part.minSeeds, found.get(key)?.minSeeds ?? Infinity);
      found.set(key, { arm, seed, minSeeds: fewest });
    }
  }
  return [...found.values()];
}

function points(over: Readonly<Record<string, readonly unknown[]>>): Record<string, unknown>[] {
  return Object.entries(over).reduce<Record<string, unknown>[]>(
    (all, [path, values]) =>
      all.flatMap((point) => values.map((value) => ({ ...point, [path]: value }))),
    [{}],
  );
}

function pointName([path, value]: [string, unknown]): string {
  return `${path}=${JSON.stringify(value)}`.replace(/[^\w.=]+/g, "_");
}

/** `images=0_999`: the share of a cell that has one. */
function shareName(config: CellConfig): string[] {
  if (config.kind !== "nearestNeighbour") return [];
  const { from, to } = config.images;
  return [`images=${from}_${to - 1}`];
}
