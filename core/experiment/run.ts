/** A run: plans the cells, runs those that are not finished, keeps the records, judges the claims. */
import type { Dataset } from "../data/dataset.ts";
import { DeviceError } from "../device/device.ts";
import { canonicalJson, digestOf } from "./records/canonical.ts";
import { DeclarationError } from "./declaration_error.ts";
import type { Experiment } from "./define.ts";
import { ADAPTER_ADVICE, chooseDevice, type Chosen, type DeviceChoice } from "./device_choice.ts";
import { estimateDisk, estimateSeconds } from "./estimate.ts";
import { netsTrainedWithin } from "./cells/needed_net.ts";
import type { Host } from "./host_interface.ts";
import type { Judgement } from "./claims/judge.ts";
import { judgeRecords } from "./claims/judge_records.ts";
import { isTrained } from "./arms/arm.ts";
import { showsAttacked } from "./samples/attacked_samples.ts";
import { leaveAttacked } from "./samples/leave_attacked.ts";
import { leaveGenerated } from "./samples/leave_generated.ts";
import { leaveSamples } from "./samples/leave_samples.ts";
import { isMain } from "./records/main_cells.ts";
import { type DataSources, describeData, loadData } from "./load_data.ts";
import { makingNow } from "./records/provenance.ts";
import { type Cell, planCells, type PlanOptions } from "./plan.ts";
import { refuseOtherDeclaration, resumeOptions } from "./resume.ts";
import {
  type CellRecord,
  cellRecordSchema,
  FILES,
  FORMAT,
  readRecord,
  recordText,
  type RunRecord,
  runRecordSchema,
} from "./records/record.ts";
import type { Reporter } from "./reporter.ts";
import { runCell } from "./cells/run_cell.ts";
import { isMeasured, type MeasureTools, withMeasures } from "./measures/take_measures.ts";
import { choicesOf } from "./measures/choices.ts";
import { meaningsOf } from "./measures/measure_digest.ts";
import { checkWgsl } from "./wgsl_check.ts";

/** What a kill may cost of a cell in training. */
const SAVE_SECONDS = 30;

/** What a run is asked to do. */
export interface RunOptions extends PlanOptions, DataSources {
  readonly device: DeviceChoice;
  /** Those of the planned cells that are run; all if left out. */
  readonly only?: (cell: Cell) => boolean;
  /** By name, where they are loaded already; else at `quick` the stand-in may take their place. */
  readonly datasets?: ReadonlyMap<string, Dataset>;
  /** Go on with the run in this folder. */
  readonly resume?: string | undefined;
  /** Where runs are kept. */
  readonly runsFolder: string;
  /** Where experiments and their locks are: `experiments` if left out. */
  readonly experiments?: string;
  readonly profile: boolean;
  /** Take no device on which no spelling of the arithmetic contract holds. */
  readonly comparable?: boolean;
  /** Told the record of each cell once it is measured, and of those that were finished before. */
  readonly kept?: (record: CellRecord) => void;
  /** Seconds between two checkpoints of a cell: {@link SAVE_SECONDS} if left out. */
  readonly saveSeconds?: number;
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
  /** Where auto fell to cpu: what the WGSL check found. */
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
  const { resume, saveSeconds = SAVE_SECONDS, stop, profile, experiments = "experiments" } =
    options;
  const readRun = () => readRecord(host, `${resume}/run.json`, runRecordSchema);
  using locks = new DisposableStack();
  if (resume !== undefined) {
    // First, since no lock is put into what is no run.
    await readRun();
    locks.defer(await host.lockFolder(resume));
  }
  const resumed = resume === undefined ? undefined : await readRun();
  const asked = resumed ? resumeOptions(experiment, resumed, resume!, options) : options;
  const cells = (await planCells(experiment, asked)).filter(options.only ?? (() => true));
  if (resumed) refuseOtherDeclaration(resumed, cells, resume!);
  const datasets = asked.datasets ?? await loadData(host, cells, asked, asked.preset === "quick");
  const chosen = await chooseDevice(host, options.device);
  try {
    if (options.comparable) requireContract(chosen);
    const making = await makingNow(host, chosen.device.info);
    const meanings = await meaningsOf(experiment);
    const finished = await finishedCells(host, resume, cells, datasets);
    const left = cells.filter(({ id }) => !finished.has(id));
    const own = await netsTrainedWithin(left, cells);
    const seconds = await estimateSeconds(chosen.device, experiment, left, datasets, own);
    const folder = resume ?? await newFolder(host, experiment, cells, options.runsFolder);
    if (resume === undefined) locks.defer(await host.lockFolder(folder));
    let run = runRecord(host, experiment, asked, cells, resumed);
    await host.writeAtomic(`${folder}/run.json`, recordText(run));
    const keepChoices = async (choices: RunRecord["choices"]) => {
      run = { ...run, choices };
      await host.writeAtomic(`${folder}/run.json`, recordText(run));
    };
    reporter.planned({
      experiment: experiment.name,
      preset: asked.preset,
      folder,
      cells,
      finished: finished.size,
      steps: cells.reduce((sum, { steps }) => sum + steps, 0),
      device: chosen.device.info,
      deviceNote: chosen.note,
      data: [...datasets.values()].map(describeData),
      seconds,
      diskBytes: estimateDisk(left, own),
    });
    const context = { host, experiment, chosen, making, reporter, stop, profile, saveSeconds };
    const shared = { ...context, experiments, run: folder };
    const records: CellRecord[] = [];
    for (const [i, cell] of cells.entries()) {
      const known = finished.get(cell.id);
      const record = known ?? (stop() ? undefined : await runCell(shared, cell, i, datasets));
      if (!record) continue;
      const { device } = chosen;
      const tools = { host, experiment, making, meanings, device, reporter, stop };
      const kept = await finish(tools, cell, record, datasets, `${folder}/${cell.id}`);
      records.push(kept);
      options.kept?.(kept);
      const choices = cell.tuning ? choicesOf(experiment, records) : [];
      if (choices.length > (run.choices ?? []).length) await keepChoices(choices);
    }
    // Those of a run that goes on may have been made by other measures.
    const choices = choicesOf(experiment, records);
    if (canonicalJson(choices) !== canonicalJson(run.choices ?? [])) await keepChoices(choices);
    const complete = records.length === cells.length &&
      records.every((record, i) => isComplete(experiment, cells[i]!, record));
    const wgsl = complete && options.device === "auto"
      ? await wgslCheck(chosen, cells, datasets)
      : undefined;
    return {
      folder,
      cells: records,
      judgements: await judgeRecords(experiment, records),
      complete,
      ...(wgsl && { wgsl }),
    };
  } finally {
    chosen.device.close();
    chosen.spare?.close();
  }
}

/** @throws {DeviceError} when no spelling of the arithmetic contract holds on it. */
function requireContract({ device: { info } }: Chosen): void {
  if (info.spelling !== "none") return;
  throw new DeviceError(
    `on ${info.name} no spelling of the arithmetic contract holds, so its bits cannot be compared ` +
      "with any other's; take another device: --device cpu",
  );
}

/** What is asked of a cell once its net is trained, on every run that comes by it. */
async function finish(
  tools: MeasureTools,
  cell: Cell,
  record: CellRecord,
  datasets: ReadonlyMap<string, Dataset>,
  folder: string,
): Promise<CellRecord> {
  const { config } = cell;
  if (record.status !== "finished" || !isTrained(config)) return record;
  const data = datasets.get(config.data)!;
  if (cell.seed === 0 && isMain(cell)) {
    if (config.kind === "supervised") {
      await leaveSamples(tools, config, data, folder);
      const figures = (tools.experiment.figures ?? []).filter(showsAttacked)
        .filter(({ arm }) => arm === cell.arm);
      await leaveAttacked(tools, config, data, cell.seed, folder, figures);
    } else await leaveGenerated(tools, config, data, cell.seed, folder);
  }
  return await withMeasures(tools, { ...cell, config }, record, data, folder);
}

function isComplete(experiment: Experiment, cell: Cell, record: CellRecord): boolean {
  const { config } = cell;
  return record.status === "diverged" || record.status === "finished" &&
      (!isTrained(config) || isMeasured(experiment, { ...cell, config }, record));
}

async function newFolder(
  host: Host,
  { name }: Experiment,
  cells: readonly Cell[],
  runsFolder: string,
): Promise<string> {
  const time = host.now().replaceAll(":", "");
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
    ...(resumed?.choices && { choices: resumed.choices }),
  };
}

async function finishedCells(
  host: Host,
  folder: string | undefined,
  cells: readonly Cell[],
  datasets: ReadonlyMap<string, Dataset>,
): Promise<Map<string, CellRecord>> {
  const finished = new Map<string, CellRecord>();
  if (folder === undefined) return finished;
  for (const { id, digest, config } of cells) {
    const path = `${folder}/${id}/${FILES.record}`;
    if (!await host.exists(path)) continue;
    const record = await readRecord(host, path, cellRecordSchema);
    if (record.digests.config !== digest) {
      throw new DeclarationError(`${path} belongs to another configuration; start a new run`);
    }
    const data = config.kind === "computation" ? undefined : datasets.get(config.data)!;
    if (record.digests.data !== (data?.digest ?? null)) {
      throw new DeclarationError(
        `${folder}: cell ${id} was run on other data` +
          `${
            record.standIn ? " (the stand-in)" : ""
          } than ${data?.description} that was found now; ` +
          "name the folder of its data with --data-dir, or start a new run",
      );
    }
    if (record.status !== "running") finished.set(id, record);
  }
  return finished;
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
  if (spare.probe.spelling === "none") {
    const { name } = spare.info;
    return { same: true, text: `WGSL not compared: on ${name} no spelling of the contract holds` };
  }
  const { config } = first;
  const data = config.kind === "computation" ? undefined : datasets.get(config.data);
  try {
    return await checkWgsl(first, data, device, spare);
  } catch (error) {
    // The run itself is done and sound; a spare adapter that fails must not take it away.
    if (!(error instanceof DeviceError)) throw error;
    return { same: true, text: `WGSL could not be run on ${spare.info.name}: ${error.message}` };
  }
}
