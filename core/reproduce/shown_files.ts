/** What the declared figures show of a run's first seed besides its records: few and small files. */
import { imageShape, supervisedSchema } from "../experiment/arm.ts";
import { readCheckpoint } from "../experiment/checkpoint_file.ts";
import { type Experiment, parse } from "../experiment/define.ts";
import type { Figure } from "../experiment/figure.ts";
import type { Host } from "../experiment/host_interface.ts";
import { mainCells } from "../experiment/main_cells.ts";
import type { StoredRun } from "../experiment/read_run.ts";
import { type CellRecord, FILES } from "../experiment/record.ts";
import { readPredictions, SAMPLES } from "../experiment/samples.ts";
import { describeNet } from "../nn/describe.ts";
import { encodeSafetensors } from "../train/checkpoint.ts";

/** Content by path, below the folder of a run or a lock. */
export type Contents = Map<string, Uint8Array<ArrayBuffer>>;

/**
 * The files that figures read: sample images with predictions, and checkpoints with the parameters
 * alone. Without declared figures a report draws from the records.
 *
 * @throws {CheckpointError} when a checkpoint is damaged.
 * @throws {DeclarationError} when sample images are.
 */
export async function shownFiles(
  host: Host,
  { figures = [] }: Experiment,
  { folder, cells }: StoredRun,
): Promise<Contents> {
  const contents: Contents = new Map();
  for (const figure of figures) {
    const cell = shownCell(figure, cells);
    if (!cell) continue;
    if (figure.figure === "predictions") {
      const samples = await readPredictions(host, `${folder}/${cell.id}`);
      // A first seed that diverged leaves its place to another, which has none.
      if (!samples) continue;
      const numbers = await host.files.read(`${folder}/${cell.id}/${SAMPLES.predictions}`);
      contents.set(`${cell.id}/${SAMPLES.predictions}`, numbers);
      contents.set(`${cell.id}/${SAMPLES.pictures}`, samples.png);
    } else {
      const path = `${cell.id}/${FILES.checkpoint}`;
      contents.set(path, await parametersOf(host, `${folder}/${path}`, cell));
    }
  }
  return contents;
}

/** The cell whose files a figure reads, if it reads any. */
function shownCell(figure: Figure, cells: readonly CellRecord[]): CellRecord | undefined {
  const reads = figure.figure === "predictions" || figure.figure === "filters";
  return reads ? mainCells(cells, figure.arm)[0] : undefined;
}

/** A checkpoint without the moments of the optimiser, which nothing but training needs. */
async function parametersOf(
  host: Host,
  path: string,
  { config, digests }: CellRecord,
): Promise<Uint8Array<ArrayBuffer>> {
  const arm = parse(supervisedSchema, config, `${path}: config`);
  const layers = describeNet(arm.net, imageShape(arm)).map(({ name }) => `${name}/`);
  const { tensors } = await readCheckpoint(host, path);
  const parameters = [...tensors].map(([name, tensor]) => ({ name, ...tensor }))
    .filter(({ name }) => layers.some((layer) => name.startsWith(layer)));
  return encodeSafetensors(parameters, { config: digests.config });
}
