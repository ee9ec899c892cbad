/**
 * Where two recorded trainings of one cell part ways, by their chains of weight digests: the stretch
 * between the last point that both share and the first that they do not is trained again on both
 * sides' devices in lockstep, the first step that differs is run op by op, and the op is judged by
 * the cpu device's references.
 */
import type { DataDirectory } from "../data/load.ts";
import { type Device, DeviceError } from "../device/device.ts";
import { DeclarationError } from "../experiment/declaration_error.ts";
import type { Host } from "../experiment/host_interface.ts";
import { type CellRecord, wasTimed, wasTrained } from "../experiment/records/record.ts";
import { openTraining } from "../experiment/cells/open_training.ts";
import { checkChain, compareTrainings, type Point } from "./chains.ts";
import { differingFields } from "./config_fields.ts";
import { Devices } from "./devices.ts";
import { type Divergence, nameOf, type Outcome, type Side, type Told } from "./divergence.ts";
import { locate, type TrainedCell } from "./locate.ts";
import { differingOrigins, type OriginDifference } from "./origins.ts";
import { type RecordedCell, recordedData, trainedArm } from "./recorded_cell.ts";
import { replay } from "./replay.ts";

/**
 * Compares two records of one cell.
 *
 * @throws {DeclarationError} when they are not of one configuration and data, or have times only.
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
  if (wasTimed(record)) {
    throw new DeclarationError(
      `cell ${record.id} has times only, which are their machine's own and are not compared; name a ` +
        "cell that trains a net",
    );
  }
  if (!wasTrained(record)) {
    return { ...sides, result: compareMeasures(record, b.record) };
  }
  const arm = await trainedArm(a);
  for (const side of [a, b]) {
    checkChain(side.record.progress, arm.steps!, `${side.folder}, cell ${record.id}`);
  }
  const { common, ...parted } = compareTrainings(record, b.record);
  const { differs } = parted;
  const last = common.at(-1)?.[0];
  const chain = {
    points: common.length,
    ...(last !== undefined && { same: last }),
    ...parted,
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
    const [onA, onB] = [await openFor(a, "A", devices), await openFor(b, "B", devices)];
    const cell = { arm, seed: record.seed, data };
    const result = await explain(cell, devices, [onA.device, onB.device], {
      common,
      differs: [differs, saidOf(record, differs), saidOf(b.record, differs)],
      told,
      origins: () => differingOrigins(host, record, b.record),
    });
    return { ...sides, a: again(sides.a, onA), b: again(sides.b, onB), chain, result };
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
  return { name: folder, locked, made: nameOf(device) };
}

/** A side, with what it was trained on again. */
function again(side: Side, { device, note }: Opened): Side {
  return { ...side, device: nameOf(device.info), ...(note !== undefined && { note }) };
}

const FINITE = "finite";
const NOT_FINITE = "not finite";

/** What a record says of the weights after a step: a digest, if its chain has a point there. */
function saidOf({ progress: { chain, step } }: CellRecord, at: number): string {
  return new Map(chain).get(at) ?? (step < at ? NOT_FINITE : FINITE);
}

interface Opened {
  readonly device: Device;
  readonly note?: string;
}

/** The device that a side is trained on again: of the kind that it was made on. */
async function openFor(
  { record: { device: made }, locked }: RecordedCell,
  side: "A" | "B",
  devices: Devices,
): Promise<Opened> {
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
  const training = await openTraining(await devices.of("cpu"), cell.arm, cell.seed, cell.data);
  try {
    const onCpu = (step: number) => told(`cpu: step ${step} of ${last ?? to}`);
    const strayed = last === undefined ? undefined : await replay(training, 0, common, onCpu);
    if (strayed) return { outcome: "other code", ...strayed, origins: await origins() };
    const start = last === undefined ? undefined : await training.state();
    const stretch = { from: last ?? 0, to, start };
    const found = await locate(cell, sides, devices.references(), stretch, told);
    if (found) return { outcome: "found", ...found };
    const other = await replay(training, last ?? 0, [[to, ofA]], onCpu);
    const came = other ? other.found ?? NOT_FINITE : ofA;
    const agrees = (said: string) => said === came || said === FINITE && came !== NOT_FINITE;
    const cpu = agrees(ofA) ? "A" : agrees(ofB) ? "B" : "neither";
    return { outcome: "not again", cpu, origins: await origins() };
  } finally {
    training.close();
  }
}
