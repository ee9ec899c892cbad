/** The measures of a finished cell, from its record and, where that lacks a reading, its checkpoint. */
import type { Dataset } from "../data/dataset.ts";
import type { Device } from "../device/device.ts";
import type { Supervised } from "./arm.ts";
import type { Experiment } from "./define.ts";
import type { Host } from "./host_interface.ts";
import { isOf, readingsFor, takeMeasure } from "./measure.ts";
import type { Cell } from "./plan.ts";
import { readingKey } from "./reading.ts";
import { type CellRecord, FILES, recordText } from "./record.ts";
import { takeReadings } from "./take_readings.ts";

/** A finished record with every measure declared now; no training is needed for a new one. */
export async function withMeasures(
  { host, experiment, device }: {
    readonly host: Host;
    readonly experiment: Experiment;
    readonly device: Device;
  },
  cell: Cell & { readonly config: Supervised },
  record: CellRecord,
  data: Dataset,
  folder: string,
): Promise<CellRecord> {
  const declared = Object.values(experiment.measures).filter((measure) => isOf(measure, cell.arm));
  const missing = Map.groupBy(declared.flatMap(readingsFor), readingKey);
  for (const known of Object.keys(record.readings)) missing.delete(known);
  const taken = missing.size === 0 ? {} : await takeReadings(
    { host, device },
    cell,
    data,
    folder,
    [...missing.values()].map(([reading]) => reading!),
  );
  const readings = { ...record.readings, ...taken };
  const next = {
    ...record,
    readings,
    measures: measuresOf(experiment, cell.arm, cell.config, { ...record, readings }),
  };
  if (recordText(next) !== recordText(record)) {
    await host.writeAtomic(`${folder}/${FILES.record}`, recordText(next));
  }
  return next;
}

function measuresOf(
  { measures }: Experiment,
  arm: string,
  config: Supervised,
  { progress: { evaluations }, readings }: CellRecord,
): CellRecord["measures"] {
  const taken: CellRecord["measures"] = {};
  for (const [name, measure] of Object.entries(measures)) {
    if (!isOf(measure, arm)) continue;
    const value = takeMeasure(measure, config, { evaluations, readings });
    if (value !== undefined && Number.isFinite(value)) taken[name] = value;
  }
  return taken;
}
