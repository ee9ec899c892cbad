/** One cell of a run: its record, the work itself, and its measures. */
import type { Dataset } from "../data/dataset.ts";
import type { DeviceInfo } from "../device/device.ts";
import { tileRow } from "../ops/tiles.ts";
import { armsOf, claimDigest } from "./claim.ts";
import type { Experiment } from "./define.ts";
import type { Chosen } from "./device_choice.ts";
import type { Host } from "./host_interface.ts";
import { openLab } from "./lab.ts";
import { runNearestCell } from "./nearest_cell.ts";
import type { Cell } from "./plan.ts";
import { codeDigests } from "./provenance.ts";
import {
  type CellRecord,
  cellRecordSchema,
  FILES,
  FORMAT,
  readRecord,
  recordText,
} from "./record.ts";
import type { Reporter } from "./reporter.ts";
import { runSupervisedCell } from "./supervised_cell.ts";

/** What the cells of a run share. */
export interface CellContext {
  readonly host: Host;
  readonly experiment: Experiment;
  readonly chosen: Chosen;
  readonly reporter: Reporter;
  readonly stop: () => boolean;
  readonly profile: boolean;
  readonly saveSeconds: number;
}

/** Runs a cell in its folder, from where an earlier run left it, and keeps its record. */
export async function runCell(
  context: CellContext,
  cell: Cell,
  index: number,
  datasets: ReadonlyMap<string, Dataset>,
  folder: string,
): Promise<CellRecord> {
  const { host, reporter } = context;
  const data = cell.config.kind === "computation" ? undefined : datasets.get(cell.config.data);
  const path = `${folder}/${FILES.record}`;
  const started = await host.exists(path)
    ? await readRecord(host, path, cellRecordSchema)
    : await newRecord(context, cell, data);
  if (!await host.exists(folder)) await host.createFolder(folder);
  await host.writeAtomic(path, recordText(started));
  reporter.cellStarted(cell, index, started.progress.step);
  const record = await carryOut(context, cell, started, data, folder);
  await host.writeAtomic(path, recordText(record));
  reporter.cellEnded(cell, record);
  return record;
}

async function carryOut(
  { host, chosen, reporter, stop, profile, saveSeconds }: CellContext,
  cell: Cell,
  record: CellRecord,
  data: Dataset | undefined,
  folder: string,
): Promise<CellRecord> {
  const { config } = cell;
  if (config.kind === "computation") {
    const start = performance.now();
    const results = await config.compute(openLab(chosen.device), config.inputs as never);
    const seconds = (performance.now() - start) / 1000;
    const measures = Object.fromEntries(
      Object.entries(results).filter(([, value]) => [value].flat().every(Number.isFinite)),
    ) as CellRecord["measures"];
    return { ...record, status: "finished", measures, progress: { ...record.progress, seconds } };
  }
  const tools = { host, device: chosen.device, reporter, stop, profile, saveSeconds };
  const outcome = config.kind === "nearestNeighbour"
    ? await runNearestCell(tools, { ...cell, config }, data!)
    : await runSupervisedCell(tools, { ...cell, config }, data!, folder);
  return { ...record, ...outcome };
}

async function newRecord(
  { host, experiment, chosen }: CellContext,
  cell: Cell,
  data: Dataset | undefined,
): Promise<CellRecord> {
  const { code, shaders } = await codeDigests(host);
  const served = experiment.claims.filter(({ parts }) =>
    parts.some((part) => armsOf(part).includes(cell.arm))
  );
  const claims = await Promise.all(
    served.map(async (claim) => [claim.id, await claimDigest(claim)] as const),
  );
  return {
    format: FORMAT,
    experiment: experiment.name,
    id: cell.id,
    arm: cell.arm,
    seed: cell.seed,
    tuning: cell.tuning,
    point: cell.point as CellRecord["point"],
    config: JSON.parse(JSON.stringify(cell.config)),
    status: "running",
    steps: cell.steps,
    digests: {
      config: cell.digest,
      data: data?.digest ?? null,
      code,
      shaders,
      claims: Object.fromEntries(claims),
      measures: {},
    },
    standIn: data?.source === "stand-in",
    versions: { deno: host.denoVersion() },
    device: recorded(chosen.device.info),
    started: host.now(),
    progress: { step: 0, chain: [], evaluations: [], metricsBytes: 0, seconds: 0 },
    readings: {},
    measures: {},
  };
}

function recorded(info: DeviceInfo): CellRecord["device"] {
  return { ...info, ...(info.kind === "webgpu" && { tiles: tileRow(info).name }) };
}
