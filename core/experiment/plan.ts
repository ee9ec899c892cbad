/**
 * From a declaration and options to cells: one per arm, seed and sweep point; of nearest neighbours
 * one per share of their test images.
 */
import { requireUnitPixels } from "./arms/adversary.ts";
import { isTrained } from "./arms/arm.ts";
import { requireRoom, requireShown } from "./arms/inspect.ts";
import { shareOut } from "./arms/nearest_neighbour.ts";
import { isSeeded } from "./arms/seeded.ts";
import type { Claim } from "./claims/claim.ts";
import { needsOf } from "./claims/needs.ts";
import { type CellConfig, configDigest } from "./config_digest.ts";
import type { PresetName } from "./arms/presets.ts";
import { DeclarationError } from "./declaration_error.ts";
import type { Experiment, Preset } from "./define.ts";
import { fieldOf, FIELDS, overlap } from "./fields.ts";
import { known, within } from "./parse.ts";
import { canonicalJson } from "./records/canonical.ts";
import { isMain } from "./records/main_cells.ts";
import { standsAt } from "./records/placed_cells.ts";
import { type Changes, resolve, type Resolved, unwatched } from "./resolve.ts";
import { type Point, pointsOf, pointText, type Sweep } from "./sweep.ts";
import { tuningCells } from "./tuning.ts";

/** What a user asks for beyond the declaration. */
export interface PlanOptions extends Changes {
  readonly preset: PresetName;
  /** The preset's seeds if left out. */
  readonly seeds?: readonly number[] | undefined;
  /** Only these arms; the preset's if left out. */
  readonly arms?: readonly string[] | undefined;
  /** Only the cells that this claim needs. */
  readonly claim?: string | undefined;
}

/** The unit of running, resuming, reproducing and comparing. */
export interface Cell {
  /** Names its folder: `<arm>-s<seed>`, then the sweep point, then its share of the images. */
  readonly id: string;
  readonly arm: string;
  readonly seed: number;
  /** Only chooses between opponents; never part of a comparison. */
  readonly tuning: boolean;
  /** Where it stands in a sweep; empty for the arm as it is declared. */
  readonly point: Point;
  /** The arm as it is run. */
  readonly config: CellConfig;
  /** Digest of everything that reaches the cell's program or its data. */
  readonly digest: string;
  /** Training steps; 0 where nothing is trained. */
  readonly steps: number;
}

/**
 * Plans the cells of a run: the main seeds first, transfers last, since these take the nets of others
 * that are trained by then.
 *
 * @throws {DeclarationError} for an unknown arm or claim, a field that does not exist or has the
 * wrong type.
 */
export async function planCells(experiment: Experiment, options: PlanOptions): Promise<Cell[]> {
  const preset = experiment.presets[options.preset];
  const seeds = [...new Set(options.seeds ?? presetSeeds(preset))];
  const claims = chosenClaims(experiment, options.claim);
  const arms = chosenArms(experiment, options, claims);
  const sweeps = chosenSweeps(experiment, options, claims);
  const swept = sweeps.map((sweep) => experiment.sweeps[sweep]!)
    .filter((sweep) => sweep.arms.some((arm) => arms.includes(arm)))
    .flatMap(({ over }) => Object.keys(over));
  const asked = [...Object.keys(options.set ?? {}), options.steps === undefined ? [] : "steps"];
  for (const path of asked.flat()) {
    if (!swept.some((other) => overlap(path, other))) continue;
    const option = path in (options.set ?? {}) ? `--set ${path}` : `--${path}`;
    throw new DeclarationError(`${option}: the experiment sweeps over this field itself`);
  }
  const resolved = new Map<string, Resolved>();
  const resolveAt = (arm: string, point: Point) => {
    const key = canonicalJson([arm, point]);
    const found = resolved.get(key) ?? resolve(experiment, { arm, point }, preset, options);
    resolved.set(key, found);
    return found;
  };
  const pointsAt = (arm: string, sweep: string) => {
    const declared = experiment.sweeps[sweep]!;
    if (!declared.arms.includes(arm)) return [];
    return within(`sweep "${sweep}"`, () => placed(arm, declared.over, resolveAt));
  };
  const wanted = new Map<string, Wanted>();
  const want = (cell: Wanted) => {
    const key = canonicalJson([cell.arm, cell.seed, cell.point]);
    if (!wanted.has(key)) wanted.set(key, cell);
  };
  for (const seed of seeds) {
    for (const arm of arms) {
      const at = { arm, seed, tuning: false };
      if (!isSeeded(experiment.arms[arm]!)) {
        // Nothing here is random: one cell says all, whatever the seeds of this run.
        if (seed !== seeds[0]) continue;
        at.seed = 0;
      }
      want({ ...at, point: {} });
      for (const point of sweeps.flatMap((sweep) => pointsAt(arm, sweep))) want({ ...at, point });
    }
  }
  const onlyClaims = options.claim !== undefined;
  const planned = { arms, sweeps, onlyClaims, pointsOf: pointsAt };
  const tuning = tuningCells(experiment, claims, planned);
  for (const { seed, between } of tuning) {
    if (!seeds.includes(seed)) continue;
    throw new DeclarationError(
      `seed ${seed} is kept for choosing between ${between}; ask for other seeds`,
    );
  }
  for (const { arm, seed, point, minSeeds } of tuning) {
    if (seeds.length >= minSeeds) want({ arm, seed, tuning: true, point });
  }
  const cells = await Promise.all([...wanted.values()].flatMap((cell) => {
    const found = resolveAt(cell.arm, cell.point);
    const arm = isMain(cell) ? found : unwatched(found);
    if (arm.kind === "supervised") {
      within(`arm "${cell.arm}"`, () => {
        requireShown(arm);
        requireRoom(arm, arm.steps!);
        requireUnitPixels(arm);
      });
    }
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
      kind === "timing" || kind === "transfer" ? [kind, "supervised" as const] : [kind]
    ),
  );
  const fields = [...kinds].flatMap((kind) =>
    kind === "computation" ? [] : Object.keys(FIELDS[kind])
  );
  for (const path of Object.keys(options.set ?? {})) {
    known("field", fieldOf(path), [...new Set(fields)]);
  }
  const twice = cells.find(({ id }, i) => cells.findIndex((other) => other.id === id) < i);
  if (twice) {
    throw new DeclarationError(`two sweep points would share the folder ${twice.id}; drop one`);
  }
  const isLast = ({ config }: Cell) => Number(config.kind === "transfer");
  return cells.toSorted((a, b) => isLast(a) - isLast(b));
}

/** A cell that is still to be resolved. */
type Wanted = Pick<Cell, "arm" | "seed" | "tuning" | "point">;

/** The points at which an arm is run; where it stands as declared, that is its own main cell. */
function placed(
  arm: string,
  over: Sweep["over"],
  resolveAt: (arm: string, point: Point) => Resolved,
): Point[] {
  const own = resolveAt(arm, {});
  const text = canonicalJson(own);
  return pointsOf(over).map((point) => {
    if (canonicalJson(resolveAt(arm, point)) === text) return {};
    if (!standsAt(own, point)) return point;
    throw new DeclarationError(
      `arm "${arm}" at ${pointText(point)}: it is not said whether the rest of the value is the ` +
        "arm's own or at its default; name its other fields too",
    );
  });
}

/** The seeds that a preset runs. */
export function presetSeeds({ seeds }: Preset): number[] {
  return Array.from({ length: seeds }, (_, seed) => seed);
}

function chosenClaims(experiment: Experiment, id: string | undefined): readonly Claim[] {
  if (id === undefined) return experiment.claims;
  known("claim", id, experiment.claims.map((claim) => claim.id));
  return experiment.claims.filter((claim) => claim.id === id);
}

/** Those that the chosen claims need, or that the preset runs. */
function chosenSweeps(
  { measures, presets, sweeps }: Experiment,
  { preset, claim }: PlanOptions,
  claims: readonly Claim[],
): readonly string[] {
  const all = Object.keys(sweeps);
  const needed = claim !== undefined
    ? claims.flatMap((claim) => needsOf(claim, measures).sweeps)
    : presets[preset].sweeps ?? all;
  return all.filter((sweep) => needed.includes(sweep));
}

function chosenArms(
  experiment: Experiment,
  { preset, arms, claim }: PlanOptions,
  claims: readonly Claim[],
): readonly string[] {
  const all = Object.keys(experiment.arms);
  for (const arm of arms ?? []) known("arm", arm, all);
  const needed = claim !== undefined
    ? claims.flatMap((claim) => needsOf(claim, experiment.measures).arms)
    : arms ?? experiment.presets[preset].arms ?? all;
  return all.filter((arm) => needed.includes(arm) && (arms?.includes(arm) ?? true));
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
