/** The mean training losses of every hundred steps, small enough to be locked. */
import { csvFormatRows, csvParse } from "d3-dsv";
import { z } from "zod";
import { DeclarationError } from "../experiment/declaration_error.ts";
import type { Host } from "../experiment/host_interface.ts";
import { type CellRecord, FILES } from "../experiment/records/record.ts";
import { CHAIN_STEPS } from "../train/chain_steps.ts";

/** Enough to draw it; a loss is compared by the weights that come of it. */
const DIGITS = 6;

/** The loss of the only net of a cell. */
const ONLY = "train";
/** Those of the two of a pair. */
const PAIR = ["discriminator", "generator"] as const;

/** The mean of one loss over a hundred steps, or what is left of them at the end. */
export interface MeanLoss {
  /** Its id. */
  readonly cell: string;
  /** The last of the steps, where the chain of weights has a point. */
  readonly step: number;
  /** Whose loss it is, as in the metrics: `train`, of the only net, or a net of a pair. */
  readonly set: string;
  readonly loss: number;
}

/**
 * Takes them of some cells of a run; none where no net was trained.
 *
 * @throws {DeclarationError} when a cell's metrics are not those that its record speaks of.
 */
export async function meanLosses(
  host: Host,
  runFolder: string,
  cells: readonly CellRecord[],
): Promise<MeanLoss[]> {
  const means: MeanLoss[] = [];
  for (const cell of cells.filter(({ progress }) => progress.metricsBytes > 0)) {
    const path = `${runFolder}/${cell.id}/${FILES.metrics}`;
    const rows = await metricsOf(host, path, cell);
    for (const set of cell.config["kind"] === "adversarial" ? PAIR : [ONLY]) {
      const windows = Map.groupBy(
        trainLosses(rows, set, path, cell),
        ([step]) => Math.ceil(step / CHAIN_STEPS),
      );
      for (const losses of windows.values()) {
        const mean = losses.reduce((sum, [, loss]) => sum + loss, 0) / losses.length;
        const loss = Number(mean.toPrecision(DIGITS));
        means.push({ cell: cell.id, step: losses.at(-1)![0], set, loss });
      }
    }
  }
  return means;
}

/** As CSV; whose a loss is has a column where it is not that of an only net. */
export function lossesText(losses: readonly MeanLoss[]): string {
  const pairs = losses.some(({ set }) => set !== ONLY);
  const rows = losses.map((
    { cell, step, set, loss },
  ) => [cell, String(step), ...(pairs ? [set] : []), String(loss)]);
  const head = ["cell", "step", ...(pairs ? ["set"] : []), "mean training loss"];
  return `${csvFormatRows([head, ...rows])}\n`;
}

const finite = z.string().regex(/\d/).transform(Number).pipe(z.number());
const rowSchema = z.strictObject({
  "cell": z.string(),
  "step": finite.pipe(z.int().min(1)),
  "set": z.enum([ONLY, ...PAIR]).default(ONLY),
  "mean training loss": finite,
});

/**
 * Reads them back.
 *
 * @throws {DeclarationError} naming the line of `path` that is none.
 * @throws {HostError} when it cannot be read.
 */
export async function readLosses(host: Host, path: string): Promise<MeanLoss[]> {
  const rows: readonly unknown[] = csvParse(await host.readText(path));
  return rows.map((row, i) => {
    const { data, error } = rowSchema.safeParse(row);
    if (data) {
      const { cell, step, set, "mean training loss": loss } = data;
      return { cell, step, set, loss };
    }
    throw new DeclarationError(
      `${path}:${i + 2}: expected a cell, a step and a mean training loss, found another row ` +
        `(${error.issues[0]!.message}); put its own back, or lock the run again`,
    );
  });
}

type Rows = readonly Readonly<Record<string, string>>[];

async function metricsOf(
  host: Host,
  path: string,
  { progress: { metricsBytes } }: CellRecord,
): Promise<Rows> {
  const bytes = await host.files.size(path) ?? 0;
  if (bytes !== metricsBytes) {
    throw new DeclarationError(
      `${path}: expected ${metricsBytes} bytes, as ${FILES.record} says, found ${bytes}; put its ` +
        "own back, or start a new run",
    );
  }
  // The package carries no types.
  return csvParse(await host.readText(path));
}

/** [step, loss], in the order of steps. */
function trainLosses(
  rows: Rows,
  of: string,
  path: string,
  { progress: { step } }: CellRecord,
): [number, number][] {
  const losses = rows
    .filter(({ set, metric }) => set === of && metric === "loss")
    .map(({ step, value }): [number, number] => [Number(step), Number(value)]);
  if (losses.length !== step || losses.some(([at, loss], i) => at !== i + 1 || !isFinite(loss))) {
    const whose = of === ONLY ? "" : ` of the ${of}`;
    throw new DeclarationError(
      `${path}: expected a training loss${whose} of each step from 1 to ${step}; put its own back, ` +
        "or start a new run",
    );
  }
  return losses;
}
