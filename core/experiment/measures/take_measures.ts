/** The measures of a finished cell, from its record and, where that lacks a reading, its checkpoint. */
import type { Dataset } from "../../data/dataset.ts";
import type { Trained } from "../arms/arm.ts";
import type { Experiment } from "../define.ts";
import { isMain } from "../records/main_cells.ts";
import { goOn, type Making } from "../records/making.ts";
import { isOf, type Measure, readingsFor, takeMeasure } from "./measure.ts";
import type { Meanings } from "./measure_digest.ts";
import { choosingMeasures } from "../tuning.ts";
import { isAcross } from "./across.ts";
import type { Cell } from "../plan.ts";
import { type Reading, readingKey } from "./reading.ts";
import { type CellRecord, FILES, recordText } from "../records/record.ts";
import { type ReadingTools, takeReadings } from "./take_readings.ts";

/** What taking measures needs. */
export interface MeasureTools extends ReadingTools {
  readonly experiment: Experiment;
  /** What readings are taken by now. */
  readonly making: Making;
  /** What its measures mean. */
  readonly meanings: Meanings;
}

/**
 * A finished record with every measure that is declared now; no training is needed for a new one.
 * Kept in `folder`, also where it was stopped.
 *
 * @throws {DeviceError} when its readings would be of another kind of arithmetic than its training.
 */
export async function withMeasures(
  { experiment, making, meanings, ...tools }: MeasureTools,
  cell: Cell & { readonly config: Trained },
  record: CellRecord,
  data: Dataset,
  folder: string,
): Promise<CellRecord> {
  const wanted = readingsOf(experiment, cell)
    .filter((reading) => !Object.hasOwn(record.readings, readingKey(reading)));
  const made = wanted.length === 0
    ? record
    : goOn(record, making, record.progress.step, tools.host.now());
  const { config } = cell;
  const taken = wanted.length === 0 || config.kind !== "supervised"
    ? {}
    : await takeReadings(tools, { ...cell, config }, data, folder, wanted);
  const readings = { ...record.readings, ...taken };
  const measures: CellRecord["measures"] = {};
  const digests: Record<string, string> = {};
  for (const [name, measure] of measuresFor(experiment, cell)) {
    const facts = { ...record.progress, readings };
    const value = takeMeasure(measure, cell.config, facts);
    // One across cells is taken of all their records, and its criterion stands with the main one.
    if (!isAcross(measure)) {
      if (value === undefined || !Number.isFinite(value)) continue;
      measures[name] = value;
    } else if (!isMain(cell)) continue;
    digests[name] = meanings(name, cell.arm)!;
  }
  const next = {
    ...made,
    // What a measure meant when its number was first seen stays.
    digests: { ...record.digests, measures: { ...digests, ...record.digests.measures } },
    readings,
    measures,
  };
  if (recordText(next) !== recordText(record)) {
    await tools.host.writeAtomic(`${folder}/${FILES.record}`, recordText(next));
  }
  return next;
}

/** Whether a record has every reading that its measures are made from. */
export function isMeasured(
  experiment: Experiment,
  cell: Cell & { readonly config: Trained },
  { readings }: CellRecord,
): boolean {
  return readingsOf(experiment, cell)
    .every((reading) => Object.hasOwn(readings, readingKey(reading)));
}

/** The declared measures of a cell's arm; of one that only tunes, those by which it is chosen. */
function measuresFor(
  experiment: Experiment,
  { arm, tuning }: Cell,
): [name: string, measure: Measure][] {
  const by = choosingMeasures(experiment);
  return Object.entries(experiment.measures).filter(([name, measure]) =>
    isOf(measure, arm) && (!tuning || by.has(name))
  );
}

/** What a cell's net is asked once it is trained, each once. */
export function readingsOf(
  experiment: Experiment,
  cell: Cell & { readonly config: Trained },
): Reading[] {
  const all = measuresFor(experiment, cell)
    .flatMap(([, measure]) => readingsFor(measure, cell.config));
  return [...new Map(all.map((reading) => [readingKey(reading), reading])).values()];
}
