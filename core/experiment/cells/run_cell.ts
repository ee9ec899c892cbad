/** One cell of a run: its record, the work itself, and its measures. */
import type { Dataset } from "../../data/dataset.ts";
import { runAdversarialCell } from "./adversarial_cell.ts";
import { type Computation, isTrained } from "../arms/arm.ts";
import type { TransferCell } from "../arms/seeded.ts";
import { type CellOutcome, savedStep } from "./cell_log.ts";
import { claimDigest } from "../claims/claim.ts";
import { claimsServedBy } from "../claims/needs.ts";
import type { Experiment } from "../define.ts";
import type { Chosen } from "../device_choice.ts";
import type { Host } from "../host_interface.ts";
import { openLab } from "./lab.ts";
import { goOn, type Making } from "../records/making.ts";
import { runNearestCell } from "./nearest_cell.ts";
import type { Cell } from "../plan.ts";
import {
  type CellRecord,
  cellRecordSchema,
  FILES,
  FORMAT,
  readRecord,
  recordText,
} from "../records/record.ts";
import type { Reporter } from "../reporter.ts";
import { runSupervisedCell } from "./supervised_cell.ts";
import { runTimingCell } from "./timing_cell.ts";
import { runTransferCell } from "./transfer_cell.ts";

/** What the cells of a run share. */
export interface CellContext {
  readonly host: Host;
  readonly experiment: Experiment;
  readonly chosen: Chosen;
  /** What its cells are made by from here on. */
  readonly making: Making;
  readonly reporter: Reporter;
  readonly stop: () => boolean;
  readonly profile: boolean;
  readonly saveSeconds: number;
  /** The folder of all experiments, where a yardstick's lock is. */
  readonly experiments: string;
  /** The folder of the run. */
  readonly run: string;
}

/** Runs a cell in its folder, from where an earlier run left it, and keeps its record. */
export async function runCell(
  context: CellContext,
  cell: Cell,
  index: number,
  datasets: ReadonlyMap<string, Dataset>,
): Promise<CellRecord> {
  const { host, reporter, run } = context;
  const folder = `${run}/${cell.id}`;
  const data = cell.config.kind === "computation" ? undefined : datasets.get(cell.config.data);
  const path = `${folder}/${FILES.record}`;
  const step = await stepsKept(host, cell, folder);
  const before = await host.exists(path)
    ? await readRecord(host, path, cellRecordSchema)
    : undefined;
  const started = before === undefined
    ? await newRecord(context, cell, data)
    : step === undefined
    ? anew(context, before)
    : goOn(before, context.making, step, host.now());
  if (!await host.exists(folder)) await host.createFolder(folder);
  await host.writeAtomic(path, recordText(started));
  reporter.cellStarted(cell, index, step ?? 0);
  const record = await carryOut(context, cell, started, data, folder);
  await host.writeAtomic(path, recordText(record));
  reporter.cellEnded(cell, record);
  return record;
}

/** The step that a cell goes on from, if anything was kept of it; a transfer may have nets. */
async function stepsKept(
  host: Host,
  { config }: Cell,
  folder: string,
): Promise<number | undefined> {
  if (config.kind === "transfer") return 0;
  return isTrained(config) ? await savedStep(host, folder) : undefined;
}

async function carryOut(
  { host, chosen, reporter, stop, profile, saveSeconds, experiments, run }: CellContext,
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
  const { progress } = record;
  const outcome = config.kind === "transfer"
    ? await runTransferCell({ ...tools, run }, { ...cell, config }, data!, progress)
    : await outcomeOf({ ...tools, experiments }, cell, config, data!, folder);
  return { ...record, ...outcome };
}

function outcomeOf(
  tools: Parameters<typeof runAdversarialCell>[0],
  cell: Cell,
  config: Exclude<Cell["config"], Computation | TransferCell>,
  data: Dataset,
  folder: string,
): Promise<CellOutcome> {
  switch (config.kind) {
    case "nearestNeighbour":
      return runNearestCell(tools, { ...cell, config }, data);
    case "timing":
      return runTimingCell(tools, { ...cell, config }, data);
    case "supervised":
      return runSupervisedCell(tools, { ...cell, config }, data, folder);
    case "adversarial":
      return runAdversarialCell(tools, { ...cell, config }, data, folder);
  }
}

/** The record of a cell of which nothing was kept: all of it is made by what runs it now. */
function anew({ making, host }: CellContext, record: CellRecord): CellRecord {
  const digests = { ...record.digests, ...making.digests };
  return { ...record, ...making, digests, started: host.now(), resumed: [] };
}

async function newRecord(
  { host, experiment, making }: CellContext,
  cell: Cell,
  data: Dataset | undefined,
): Promise<CellRecord> {
  const claims = await Promise.all(
    claimsServedBy(experiment.claims, cell.arm, experiment.measures).map(async (claim) =>
      [claim.id, await claimDigest(claim)] as const
    ),
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
      ...making.digests,
      claims: Object.fromEntries(claims),
      measures: {},
    },
    standIn: data?.source === "stand-in",
    versions: making.versions,
    device: making.device,
    started: host.now(),
    resumed: [],
    progress: { step: 0, chain: [], evaluations: [], metricsBytes: 0, seconds: 0 },
    readings: {},
    measures: {},
  };
}
