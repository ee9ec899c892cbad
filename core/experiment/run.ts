/** A run: plans the cells, runs those that are not finished, keeps the records, judges the claims. */
import type { Dataset } from "../data/dataset.ts";
import { type DataDirectory, loadDataset } from "../data/load.ts";
import type { Arm, Computation, Supervised } from "./arm.ts";
import { digestOf } from "./canonical.ts";
import { armsOf, claimDigest } from "./claim.ts";
import { DeclarationError, type Experiment } from "./define.ts";
import { ADAPTER_ADVICE, chooseDevice, type Chosen, type DeviceChoice } from "./device_choice.ts";
import { estimateDisk, estimateSeconds } from "./estimate.ts";
import type { Host } from "./host_interface.ts";
import { judge, type Judgement } from "./judge.ts";
import { openLab } from "./lab.ts";
import { takeMeasure } from "./measure.ts";
import { type Cell, planCells, type PlanOptions } from "./plan.ts";
import { codeDigests } from "./provenance.ts";
import {
  type CellRecord,
  cellRecordSchema,
  FORMAT,
  readRecord,
  recordText,
  type RunRecord,
  runRecordSchema,
} from "./record.ts";
import type { Reporter } from "./reporter.ts";
import { type CellOutcome, FILES, runSupervisedCell } from "./supervised_cell.ts";
import { checkWgsl } from "./wgsl_check.ts";

/** What a run is asked to do. */
export interface RunOptions extends PlanOptions {
  readonly device: DeviceChoice;
  readonly dataDirectories: readonly DataDirectory[];
  /** Go on with the run in this folder. */
  readonly resume?: string | undefined;
  /** Where runs are kept. */
  readonly runsFolder: string;
  readonly profile: boolean;
  /** Asked at step boundaries; true leaves a resumable run. */
  readonly stop: () => boolean;
}

/** How a run ended. */
export interface RunResult {
  readonly folder: string;
  readonly cells: readonly CellRecord[];
  readonly judgements: readonly Judgement[];
  /** False after a stop: some cells are not finished. */
  readonly complete: boolean;
  /** What the WGSL check of a cpu run found. */
  readonly wgsl?: { readonly same: boolean; readonly text: string };
}

/**
 * Runs an experiment.
 *
 * @throws {DeclarationError} for wrong options, or a run to resume that another declaration made.
 * @throws {DataError} when data are missing or damaged.
 * @throws {DeviceError} when the device cannot do it.
 * @throws {HostError} when a record cannot be written; nothing that was there is lost.
 */
export async function runExperiment(
  host: Host,
  experiment: Experiment,
  options: RunOptions,
  reporter: Reporter,
): Promise<RunResult> {
  const resumed = options.resume === undefined
    ? undefined
    : await readRecord(host, `${options.resume}/run.json`, runRecordSchema);
  const asked = resumed ? mergeOptions(experiment, resumed, options) : options;
  const cells = await planCells(experiment, asked);
  if (resumed) refuseOtherDeclaration(resumed, cells, options.resume!);
  const datasets = await loadData(host, cells, asked);
  const chosen = await chooseDevice(host, options.device);
  const seconds = await estimateSeconds(chosen.device, cells, datasets);
  const folder = options.resume ?? await newFolder(host, experiment, cells, options.runsFolder);
  const unlock = await host.lockFolder(folder);
  try {
    const record = runRecord(host, experiment, asked, cells, resumed);
    await host.writeAtomic(`${folder}/run.json`, recordText(record));
    const finished = await finishedCells(host, folder, cells);
    reporter.planned({
      experiment: experiment.name,
      folder,
      cells,
      finished: finished.size,
      steps: cells.reduce((sum, { steps }) => sum + steps, 0),
      device: chosen.device.info,
      deviceNote: chosen.note,
      data: [...datasets.values()].map(describeData),
      seconds: seconds === 0 ? undefined : seconds,
      diskBytes: estimateDisk(cells),
    });
    const records: CellRecord[] = [];
    for (const [i, cell] of cells.entries()) {
      const known = finished.get(cell.id);
      const record = known ?? (options.stop() ? undefined : await runCell(
        { host, experiment, chosen, reporter, options: asked },
        cell,
        i,
        datasets,
        `${folder}/${cell.id}`,
      ));
      if (record) records.push(await withMeasures(host, experiment, cell, record, folder));
    }
    const complete = records.length === cells.length &&
      records.every(({ status }) => status !== "running");
    const wgsl = complete ? await wgslCheck(chosen, cells, datasets) : undefined;
    return {
      folder,
      cells: records,
      judgements: await judgeRecords(experiment, records),
      complete,
      ...(wgsl && { wgsl }),
    };
  } finally {
    unlock();
    chosen.device.close();
    chosen.spare?.close();
  }
}

/** The verdicts on an experiment's claims from cell records. */
export function judgeRecords(
  experiment: Experiment,
  records: readonly CellRecord[],
): Promise<readonly Judgement[]> {
  const cells = records.filter(({ status, point }) =>
    status !== "running" && Object.keys(point).length === 0
  );
  return judge(
    experiment.claims,
    cells.map(({ arm, seed, measures, standIn, digests }) => ({
      arm,
      seed,
      measures,
      standIn,
      claims: digests.claims,
    })),
  );
}

function mergeOptions(experiment: Experiment, run: RunRecord, options: RunOptions): RunOptions {
  if (run.experiment !== experiment.name) {
    throw new DeclarationError(
      `${options.resume} is a run of "${run.experiment}", not of "${experiment.name}"; ` +
        `resume it with: deno task experiment ${run.experiment} --resume ${options.resume}`,
    );
  }
  const { seeds, arms, claim, steps, set } = run.options;
  return {
    ...options,
    preset: run.preset,
    seeds: options.seeds ?? seeds,
    arms: options.arms ?? arms,
    claim: options.claim ?? claim,
    steps: options.steps ?? steps,
    set: options.set ?? set,
  };
}

/** Cells may be added to a run, but those that it has must be the ones declared now. */
function refuseOtherDeclaration(run: RunRecord, cells: readonly Cell[], folder: string): void {
  for (const { id, digest } of cells) {
    const before = run.cells.find((cell) => cell.id === id);
    if (before && before.digest !== digest) {
      throw new DeclarationError(
        `${folder} was made by another declaration: cell ${id} had config digest ` +
          `${before.digest.slice(0, 12)}, now it has ${digest.slice(0, 12)}; resume it with the ` +
          "declaration and options it was started with, or start a new run",
      );
    }
  }
}

async function loadData(
  host: Host,
  cells: readonly Cell[],
  { preset, dataDirectories }: RunOptions,
): Promise<Map<string, Dataset>> {
  const datasets = new Map<string, Dataset>();
  for (const { config } of cells) {
    if (config.kind !== "supervised" || datasets.has(config.data)) continue;
    datasets.set(
      config.data,
      await loadDataset(config.data, {
        files: host.files,
        directories: dataDirectories,
        allowStandIn: preset === "quick",
      }),
    );
  }
  return datasets;
}

function describeData({ description, source, digest }: Dataset): string {
  const name = source === "stand-in" ? `STAND-IN, NOT REAL DATA: ${description}` : description;
  return `${name} (digest ${digest.slice(0, 12)})`;
}

async function newFolder(
  host: Host,
  { name }: Experiment,
  cells: readonly Cell[],
  runsFolder: string,
): Promise<string> {
  const time = host.now().replace(/\.\d+/, "").replaceAll(":", "");
  const digest = await digestOf(cells.map(({ id, digest }) => ({ id, digest })));
  const base = `${runsFolder}/${name}/${time}-${digest.slice(0, 8)}`;
  let folder = base;
  for (let n = 2; await host.exists(folder); n++) folder = `${base}-${n}`;
  await host.createFolder(folder);
  return folder;
}

function runRecord(
  host: Host,
  { name }: Experiment,
  { preset, seeds, arms, claim, steps, set }: RunOptions,
  cells: readonly Cell[],
  resumed: RunRecord | undefined,
): RunRecord {
  const before = (resumed?.cells ?? []).filter(({ id }) => !cells.some((cell) => cell.id === id));
  return {
    format: FORMAT,
    experiment: name,
    preset,
    created: resumed?.created ?? host.now(),
    options: JSON.parse(JSON.stringify({ seeds, arms, claim, steps, set })),
    cells: [...before, ...cells.map(({ id, digest }) => ({ id, digest }))],
  };
}

async function finishedCells(
  host: Host,
  folder: string,
  cells: readonly Cell[],
): Promise<Map<string, CellRecord>> {
  const finished = new Map<string, CellRecord>();
  for (const { id, digest } of cells) {
    const path = `${folder}/${id}/${FILES.record}`;
    if (!await host.exists(path)) continue;
    const record = await readRecord(host, path, cellRecordSchema);
    if (record.digests.config !== digest) {
      throw new DeclarationError(`${path} belongs to another configuration; start a new run`);
    }
    if (record.status !== "running") finished.set(id, record);
  }
  return finished;
}

interface Context {
  readonly host: Host;
  readonly experiment: Experiment;
  readonly chosen: Chosen;
  readonly reporter: Reporter;
  readonly options: RunOptions;
}

async function runCell(
  context: Context,
  cell: Cell,
  index: number,
  datasets: ReadonlyMap<string, Dataset>,
  folder: string,
): Promise<CellRecord> {
  const { host, reporter } = context;
  const data = cell.config.kind === "supervised" ? datasets.get(cell.config.data) : undefined;
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
  { host, chosen, reporter, options }: Context,
  cell: Cell,
  record: CellRecord,
  data: Dataset | undefined,
  folder: string,
): Promise<CellRecord> {
  if (isComputation(cell.config)) {
    const start = performance.now();
    const results = await cell.config.compute(openLab(chosen.device), cell.config.inputs as never);
    const seconds = (performance.now() - start) / 1000;
    const measures = JSON.parse(JSON.stringify(results)) as CellRecord["measures"];
    return { ...record, status: "finished", measures, progress: { ...record.progress, seconds } };
  }
  const tools = {
    host,
    device: chosen.device,
    reporter,
    stop: options.stop,
    profile: options.profile,
  };
  const training = { ...cell, config: cell.config };
  const outcome: CellOutcome = await runSupervisedCell(tools, training, data!, folder);
  return { ...record, ...outcome };
}

function isComputation(config: Arm): config is Computation {
  return config.kind === "computation";
}

async function newRecord(
  { host, experiment, chosen }: Context,
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
    },
    standIn: data?.source === "stand-in",
    versions: { deno: host.denoVersion() },
    device: chosen.device.info,
    started: host.now(),
    progress: { step: 0, chain: [], evaluations: [], metricsBytes: 0, seconds: 0 },
    measures: {},
  };
}

/** The record with every measure that is declared now; no training is needed for a new one. */
async function withMeasures(
  host: Host,
  experiment: Experiment,
  cell: Cell,
  record: CellRecord,
  folder: string,
): Promise<CellRecord> {
  if (record.status !== "finished" || cell.config.kind !== "supervised") return record;
  const measures = supervisedMeasures(experiment, cell.config, record);
  const next = { ...record, measures };
  if (recordText(next) !== recordText(record)) {
    await host.writeAtomic(`${folder}/${cell.id}/${FILES.record}`, recordText(next));
  }
  return next;
}

function supervisedMeasures(
  { measures }: Experiment,
  arm: Supervised,
  { progress }: CellRecord,
): CellRecord["measures"] {
  const last = Object.fromEntries(
    progress.evaluations.map(({ set, accuracy, loss }) => [
      set,
      { accuracy: accuracy ?? NaN, loss: loss ?? NaN },
    ]),
  );
  const taken: CellRecord["measures"] = {};
  for (const [name, measure] of Object.entries(measures)) {
    const value = takeMeasure(measure, arm, last);
    if (value !== undefined && Number.isFinite(value)) taken[name] = value;
  }
  return taken;
}

async function wgslCheck(
  { device, spare }: Chosen,
  cells: readonly Cell[],
  datasets: ReadonlyMap<string, Dataset>,
): Promise<RunResult["wgsl"]> {
  const [first] = cells;
  if (device.info.kind !== "cpu" || !first) return undefined;
  if (!spare) {
    return { same: true, text: `no WebGPU adapter: WGSL not run; ${ADAPTER_ADVICE}` };
  }
  const data = first.config.kind === "supervised" ? datasets.get(first.config.data) : undefined;
  return await checkWgsl(first, data, device, spare);
}
