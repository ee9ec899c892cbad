/** Where the training of one cell parts ways on two devices. */
import { type DataDirectory, loadDataset } from "../data/load.ts";
import type { Device } from "../device/device.ts";
import { isTrained } from "../experiment/arms/arm.ts";
import { DeclarationError } from "../experiment/declaration_error.ts";
import { known } from "../experiment/parse.ts";
import type { Experiment } from "../experiment/define.ts";
import type { Host } from "../experiment/host_interface.ts";
import { describeData } from "../experiment/load_data.ts";
import { planCells, type PlanOptions } from "../experiment/plan.ts";
import { type DeviceKind, Devices } from "./devices.ts";
import { type Divergence, nameOf, type Side, type Told } from "./divergence.ts";
import { locate } from "./locate.ts";

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
  if (!isTrained(config)) {
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
      { name: device.info.kind, locked: false, device: nameOf(device.info) }
    );
    return {
      cell: id,
      data: describeData(data),
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
