/**
 * Where two trainings of one cell part ways: two that were recorded, by their chains of weight
 * digests, or one on two devices. The stretch between the last point that both share and the first
 * that they do not is trained again on both sides' devices in lockstep, the first step that differs
 * is run op by op, and the op is judged by the cpu device's references.
 */
import { type DataDirectory, loadDataset } from "../data/load.ts";
import { type Device, DeviceError } from "../device/device.ts";
import { DeclarationError, type Experiment, known } from "../experiment/define.ts";
import type { Host } from "../experiment/host_interface.ts";
import { planCells, type PlanOptions } from "../experiment/plan.ts";
import type { CellRecord } from "../experiment/record.ts";
import { openCell } from "../experiment/supervised_cell.ts";
import { checkChain, compareChains, type Point } from "./chains.ts";
import { type DeviceKind, Devices } from "./devices.ts";
import { differingFields } from "./config_fields.ts";
import { type Found, locate, type TrainedCell } from "./locate.ts";
import { differingOrigins, type OriginDifference } from "./origins.ts";
import { type RecordedCell, recordedData, trainedArm } from "./recorded_cell.ts";
import { replay, type Strayed } from "./replay.ts";

/** How it ended. */
export type Outcome =
  /** Nothing differs in so many of what was compared. */
  | {
    readonly outcome: "same";
    readonly compared: "points" | "steps" | "measures";
    readonly count: number;
  }
  /** Of two cells that train no net: the first measure that differs. */
  | {
    readonly outcome: "measure";
    readonly measure: string;
    readonly a: unknown;
    readonly b: unknown;
  }
  /** Not even what both chains share comes out here. */
  | ({ readonly outcome: "other code"; readonly origins: readonly OriginDifference[] } & Strayed)
  /** Both sides come to the same bits here: whose digest the cpu device gives, and what differs. */
  | {
    readonly outcome: "not again";
    readonly cpu: "A" | "B" | "neither";
    readonly origins: readonly OriginDifference[];
  }
  /** A step, and the op in it where one by one they differ too. */
  | ({ readonly outcome: "found" } & Found);

/** A side of the comparison. */
export interface Side {
  /** The device's kind, or the folder of the cell or the lock. */
  readonly name: string;
  readonly locked: boolean;
  /** What the record says that it was made on. */
  readonly made?: string;
  /** What it was trained on again. */
  readonly device?: string;
  /** What should be known of that device. */
  readonly note?: string;
}

/** What is told of a comparison. */
export interface Divergence {
  readonly cell: string;
  readonly a: Side;
  readonly b: Side;
  /** Of two chains: the last step at which they are the same, and the first at which they differ. */
  readonly chain?: { readonly points: number; readonly same?: number; readonly differs?: number };
  readonly result: Outcome;
}

/** Told what is being done. */
export type Told = (what: string) => void;

/**
 * Compares two records of one cell.
 *
 * @throws {DeclarationError} when they are not of one configuration and data.
 * @throws {DataError} when the data are not there.
 * @throws {DeviceError} when there is no adapter for a cell that was trained on one.
 */
export async function divergeRecords(
  host: Host,
  a: RecordedCell,
  b: RecordedCell,
  { dataDirectories, told }: { dataDirectories: readonly DataDirectory[]; told: Told },
): Promise<Divergence> {
  refuseOthers(a, b);
  const { record } = a;
  const sides = { cell: record.id, a: described(a), b: described(b) };
  if (record.config["kind"] !== "supervised") {
    return { ...sides, result: compareMeasures(record, b.record) };
  }
  const arm = await trainedArm(a);
  for (const side of [a, b]) {
    checkChain(side.record.progress.chain, arm.steps!, `${side.folder}, cell ${record.id}`);
  }
  const { common, differs } = compareChains(record.progress.chain, b.record.progress.chain);
  const last = common.at(-1)?.[0];
  const chain = {
    points: common.length,
    ...(last !== undefined && { same: last }),
    ...(differs !== undefined && { differs }),
  };
  if (differs === undefined) {
    return {
      ...sides,
      chain,
      result: { outcome: "same", compared: "points", count: common.length },
    };
  }
  const data = await recordedData(host, arm, record, dataDirectories);
  const devices = new Devices(host);
  try {
    const on = [await openFor(a, "A", devices), await openFor(b, "B", devices)] as const;
    const cell = { arm, seed: record.seed, data };
    const at = (side: RecordedCell) => new Map(side.record.progress.chain).get(differs)!;
    const result = await explain(cell, devices, [on[0].device, on[1].device], {
      common,
      differs: [differs, at(a), at(b)],
      told,
      origins: () => differingOrigins(host, record, b.record),
    });
    const [of, or] = on.map(({ device, note }) => ({
      device: nameOf(device),
      ...(note !== undefined && { note }),
    }));
    return { ...sides, a: { ...sides.a, ...of }, b: { ...sides.b, ...or }, chain, result };
  } finally {
    devices.close();
  }
}

/**
 * Trains one cell of an experiment on two devices.
 *
 * @throws {DeclarationError} when there is no such cell, or it trains no net.
 * @throws {DataError} when the data are not there.
 * @throws {DeviceError} when there is no adapter.
 */
export async function divergeDevices(
  host: Host,
  kinds: readonly [DeviceKind, DeviceKind],
  { experiment, cell: id, steps, preset, dataDirectories, told }: Pick<PlanOptions, "preset"> & {
    readonly experiment: Experiment;
    readonly cell: string;
    /** At most so many. */
    readonly steps: number;
    readonly dataDirectories: readonly DataDirectory[];
    readonly told: Told;
  },
): Promise<Divergence> {
  const cells = await planCells(experiment, { preset });
  known("cell", id, cells.map((cell) => cell.id));
  const { config, seed } = cells.find((cell) => cell.id === id)!;
  if (config.kind !== "supervised") {
    throw new DeclarationError(`cell ${id} trains no net; name a cell that does`);
  }
  const data = await loadDataset(config.data, {
    files: host.files,
    directories: dataDirectories,
    allowStandIn: preset === "quick",
  });
  const devices = new Devices(host);
  try {
    const [a, b] = [await devices.of(kinds[0]), await devices.of(kinds[1])];
    const to = Math.min(steps, config.steps!);
    const cell = { arm: config, seed, data };
    const found = await locate(cell, [a, b], devices.references(), { from: 0, to }, told);
    const side = (device: Device): Side => (
      { name: device.info.kind, locked: false, device: nameOf(device) }
    );
    return {
      cell: id,
      a: side(a),
      b: side(b),
      result: found
        ? { outcome: "found", ...found }
        : { outcome: "same", compared: "steps", count: to },
    };
  } finally {
    devices.close();
  }
}

/** @throws {DeclarationError} naming the fields in which two cells are not the same. */
function refuseOthers(a: RecordedCell, b: RecordedCell): void {
  const { digests: left } = a.record;
  const { digests: right } = b.record;
  const fields = left.config === right.config ? [] : differingFields(whole(a), whole(b));
  const data = left.data === right.data
    ? []
    : [{ path: "data digest", a: short(left.data), b: short(right.data) }];
  if (left.config === right.config && data.length === 0) return;
  const named = [...fields, ...data].map(({ path, a, b }) =>
    `${path} is ${JSON.stringify(a) ?? "not set"} in A and ${JSON.stringify(b) ?? "not set"} in B`
  );
  throw new DeclarationError(
    `A and B are not two trainings of one cell: ${named.join("; ") || "config digests differ"}`,
  );
}

function whole({ record: { experiment, arm, seed, config } }: RecordedCell) {
  return { experiment, arm, seed, ...config };
}

function short(digest: string | null): string | undefined {
  return digest?.slice(0, 12);
}

function compareMeasures(a: CellRecord, b: CellRecord): Outcome {
  const names = [...new Set([...Object.keys(a.measures), ...Object.keys(b.measures)])];
  if (names.length === 0) {
    throw new DeclarationError(`cell ${a.id} has no measure yet; let it be finished first`);
  }
  for (const measure of names) {
    const [left, right] = [a.measures[measure], b.measures[measure]];
    if (JSON.stringify(left) !== JSON.stringify(right)) {
      return { outcome: "measure", measure, a: left, b: right };
    }
  }
  return { outcome: "same", compared: "measures", count: names.length };
}

function described({ folder, locked, record: { device } }: RecordedCell): Side {
  return { name: folder, locked, made: `${device.kind}, ${device.name}` };
}

function nameOf({ info }: Device): string {
  return `${info.kind}, ${info.name}`;
}

/** The device that a side is trained on again: of the kind that it was made on. */
async function openFor(
  { record: { device: made }, locked }: RecordedCell,
  side: "A" | "B",
  devices: Devices,
): Promise<{ readonly device: Device; readonly note?: string }> {
  try {
    const device = await devices.of(made.kind);
    return made.kind === "cpu" || device.info.name === made.name
      ? { device }
      : { device, note: `was made on ${made.name}; the adapter here is ${device.info.name}` };
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    if (!locked) {
      throw new DeviceError(
        `${side} was trained on ${made.name}, and it takes an adapter to train it again: ` +
          error.message,
        { cause: error },
      );
    }
    const device = await devices.of("cpu");
    return { device, note: `was made on ${made.name}; no adapter is here, so cpu takes its place` };
  }
}

async function explain(
  cell: TrainedCell,
  devices: Devices,
  sides: readonly [Device, Device],
  { common, differs: [to, ofA, ofB], told, origins }: {
    readonly common: readonly Point[];
    readonly differs: readonly [step: number, a: string, b: string];
    readonly told: Told;
    readonly origins: () => Promise<OriginDifference[]>;
  },
): Promise<Outcome> {
  const last = common.at(-1)?.[0];
  const { trainer } = await openCell(await devices.of("cpu"), cell.arm, cell.seed, cell.data);
  try {
    const onCpu = (step: number) => told(`cpu: step ${step} of ${last ?? to}`);
    const strayed = last === undefined ? undefined : await replay(trainer, 0, common, onCpu);
    if (strayed) return { outcome: "other code", ...strayed, origins: await origins() };
    const start = last === undefined ? undefined : await trainer.state();
    const stretch = { from: last ?? 0, to, start };
    const found = await locate(cell, sides, devices.references(), stretch, told);
    if (found) return { outcome: "found", ...found };
    const other = await replay(trainer, last ?? 0, [[to, ofA]], onCpu);
    const cpu = !other ? "A" : other.found === ofB ? "B" : "neither";
    return { outcome: "not again", cpu, origins: await origins() };
  } finally {
    trainer.close();
  }
}
