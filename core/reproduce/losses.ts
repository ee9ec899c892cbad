/** The mean training loss of every hundred steps, small enough to be locked. */
import { csvFormatRows, csvParse } from "d3-dsv";
import { DeclarationError } from "../experiment/define.ts";
import type { Host } from "../experiment/host_interface.ts";
import { type CellRecord, FILES } from "../experiment/record.ts";
import { CHAIN_STEPS } from "../train/loop.ts";

/** Enough to draw it; a loss is compared by the weights that come of it. */
const DIGITS = 6;

/**
 * The table of some cells of a run as CSV: cell, last step of the hundred, mean loss; nothing where
 * no net was trained. Steps stand where the chain of weights has its points.
 *
 * @throws {DeclarationError} when a cell's metrics are not those that its record speaks of.
 */
export async function meanLosses(
  host: Host,
  runFolder: string,
  cells: readonly CellRecord[],
): Promise<string | undefined> {
  const rows: string[][] = [];
  for (const cell of cells.filter(({ progress }) => progress.metricsBytes > 0)) {
    const path = `${runFolder}/${cell.id}/${FILES.metrics}`;
    const windows = Map.groupBy(
      await trainLosses(host, path, cell),
      ([step]) => Math.ceil(step / CHAIN_STEPS),
    );
    for (const losses of windows.values()) {
      const mean = losses.reduce((sum, [, loss]) => sum + loss, 0) / losses.length;
      rows.push([cell.id, String(losses.at(-1)![0]), String(Number(mean.toPrecision(DIGITS)))]);
    }
  }
  return rows.length === 0
    ? undefined
    : `${csvFormatRows([["cell", "step", "mean training loss"], ...rows])}\n`;
}

/** [step, loss], in the order of steps. */
async function trainLosses(
  host: Host,
  path: string,
  { progress: { metricsBytes, step } }: CellRecord,
): Promise<[number, number][]> {
  const bytes = await host.files.size(path) ?? 0;
  if (bytes !== metricsBytes) {
    throw new DeclarationError(
      `${path}: expected ${metricsBytes} bytes, as ${FILES.record} says, found ${bytes}; put its ` +
        "own back, or start a new run",
    );
  }
  // The package carries no types.
  const rows: readonly Readonly<Record<string, string>>[] = csvParse(await host.readText(path));
  const losses = rows
    .filter(({ set, metric }) => set === "train" && metric === "loss")
    .map(({ step, value }): [number, number] => [Number(step), Number(value)]);
  if (losses.length !== step || losses.some(([at, loss], i) => at !== i + 1 || !isFinite(loss))) {
    throw new DeclarationError(
      `${path}: expected a training loss of each step from 1 to ${step}; put its own back, or start ` +
        "a new run",
    );
  }
  return losses;
}
