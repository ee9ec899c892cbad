/** What the declared figures show of a run's first seed besides its records: few and small files. */
import { imageShape, supervisedSchema } from "../experiment/arms/arm.ts";
import { readCheckpoint } from "../experiment/cells/checkpoint_file.ts";
import { parse } from "../experiment/parse.ts";
import type { Experiment } from "../experiment/define.ts";
import type { Figure } from "../experiment/figure.ts";
import { attackedFiles, readAttacked } from "../experiment/samples/attacked_samples.ts";
import {
  GENERATED,
  gridName,
  readNeighbours,
  readTiles,
  shownLooks,
} from "../experiment/samples/generated_samples.ts";
import type { Host } from "../experiment/host_interface.ts";
import { mainCells } from "../experiment/records/main_cells.ts";
import type { StoredRun } from "../experiment/records/read_run.ts";
import { type CellRecord, FILES } from "../experiment/records/record.ts";
import { readPredictions, SAMPLES } from "../experiment/samples/samples.ts";
import { describeNet } from "../nn/describe.ts";
import { encodeSafetensors } from "../train/checkpoint.ts";

/** Content by path, below the folder of a run or a lock. */
export type Contents = Map<string, Uint8Array<ArrayBuffer>>;

/**
 * The files that figures read: sample images with predictions or under attack, pictures of generated
 * images, and checkpoints with the parameters alone. Without declared figures a report draws from the records.
 *
 * @throws {CheckpointError} when a checkpoint is damaged.
 * @throws {DeclarationError} when pictures or their numbers are.
 */
export async function shownFiles(
  host: Host,
  { figures = [] }: Experiment,
  { folder, cells }: StoredRun,
): Promise<Contents> {
  const contents: Contents = new Map();
  for (const figure of figures) {
    // Where a figure shows files, it shows those of one cell.
    const [cell] = "arm" in figure ? mainCells(cells, figure.arm) : [];
    if (!cell) continue;
    for (const [name, bytes] of await filesOf(host, figure, `${folder}/${cell.id}`, cell)) {
      contents.set(`${cell.id}/${name}`, bytes);
    }
  }
  return contents;
}

type NamedBytes = readonly [name: string, bytes: Uint8Array<ArrayBuffer>];

/** Those that a figure reads of a cell; a first seed that diverged leaves its place to one that lacks some. */
async function filesOf(
  host: Host,
  figure: Figure,
  folder: string,
  cell: CellRecord,
): Promise<NamedBytes[]> {
  const asItIs = async (name: string): Promise<NamedBytes> => [
    name,
    await host.files.read(`${folder}/${name}`),
  ];
  const picture = async (name: string): Promise<NamedBytes[]> => {
    const tiles = await readTiles(host, folder, name, cell);
    return tiles ? [[name, tiles.png]] : [];
  };
  switch (figure.figure) {
    case "predictions": {
      const samples = await readPredictions(host, folder);
      if (!samples) return [];
      return [await asItIs(SAMPLES.predictions), [SAMPLES.pictures, samples.png]];
    }
    case "filters":
      return [[FILES.checkpoint, await parametersOf(host, `${folder}/${FILES.checkpoint}`, cell)]];
    case "generated": {
      const looks = shownLooks(cell, figure.looks);
      return (await Promise.all(looks.map(({ step }) => picture(gridName(step))))).flat();
    }
    case "interpolation":
      return picture(GENERATED.interpolation);
    case "neighbours":
      if (!await readNeighbours(host, folder)) return [];
      return [...await picture(GENERATED.nearest), await asItIs(GENERATED.neighbours)];
    case "attacked images":
    case "epsilon strips": {
      const left = await readAttacked(host, folder, figure);
      if (!left) return [];
      const files = await attackedFiles(figure);
      const { picture } = left;
      return [
        await asItIs(files.numbers),
        ...picture ? [[files.picture, picture.png] as const] : [],
      ];
    }
    default:
      return [];
  }
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
