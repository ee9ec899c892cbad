/**
 * Finds a data set in the folders that the caller names, in that order, and loads it; or fetches
 * it, or draws the built-in stand-in, where the caller allows it.
 */
import type { Dataset, DatasetName } from "./dataset.ts";
import { DataError } from "./error.ts";
import type { Files } from "./files.ts";
import type { Format, Formats } from "./format.ts";
import { FORMATS } from "./formats.ts";

/** A folder to look into. */
export interface DataDirectory {
  readonly path: string;
  /** The user asked for this one: data missing there is an error. */
  readonly given: boolean;
  /** How the user knows it: "--data-dir", "SAMEBITS_DATA", "the cache". */
  readonly origin: string;
}

/** Fetches what is missing of a data set, verifies it and loads it. */
export type Downloader = (name: DatasetName) => Promise<Dataset>;

/**
 * Loads a data set from the first of `directories` that holds any of its files, in
 * `<path>/<name>` or in `<path>` itself (CIFAR-10 also in `cifar-10-batches-bin/` below either).
 * With `download`, files that are nowhere, or that are damaged in a directory which the user did
 * not give, are fetched.
 *
 * @throws {DataError} when a given directory holds none of its files, when the files found are not
 * as published, or when there are none and neither a download nor the stand-in is allowed.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadDataset } from "./load.ts";
 *
 * const files = {
 *   size: () => Promise.resolve(undefined),
 *   read: (path: string) => Promise.reject(new Error(path)),
 * };
 * const data = await loadDataset("mnist", { files, directories: [], allowStandIn: true });
 * assert.ok(data.source === "stand-in");
 * ```
 */
export async function loadDataset(
  name: DatasetName,
  { files, directories, allowStandIn, download, formats = FORMATS }: {
    readonly files: Files;
    readonly directories: readonly DataDirectory[];
    readonly allowStandIn: boolean;
    readonly download?: Downloader | undefined;
    readonly formats?: Formats;
  },
): Promise<Dataset> {
  const format = formats[name];
  for (const { path, given, origin } of directories) {
    const folders = candidates(path, name, format);
    for (const folder of folders) {
      if (!await holdsAny(files, folder, format.fileNames)) continue;
      if (given || !download) return format.load(files, folder);
      return format.load(files, folder).catch((error) => {
        if (error instanceof DataError) return download(name);
        throw error;
      });
    }
    if (given) {
      throw new DataError(
        `${origin} ${path}: expected ${format.title} there, found none of its files. Looked for ` +
          `${format.fileNames[0]} and the others in ${folders.join(", ")}. Name the folder that ` +
          `holds them unpacked, or leave ${origin} out.`,
      );
    }
  }
  if (download) return download(name);
  if (allowStandIn) return format.standIn();
  const looked = directories.map(({ path, origin }) => `${path} (${origin})`).join(", ");
  throw new DataError(
    `${format.title}: expected the published files, found none` +
      (looked === "" ? ". " : ` in ${looked}. `) +
      `Fetch them (deno task data ${name}), or name the folder that holds them with --data-dir or ` +
      "SAMEBITS_DATA. The built-in stand-in serves the preset quick only.",
  );
}

function candidates(path: string, name: DatasetName, { subfolder }: Format): readonly string[] {
  const root = path.replace(/(?<=.)\/+$/, "");
  const folders = [`${root}/${name}`, root];
  return subfolder === undefined
    ? folders
    : folders.flatMap((folder) => [folder, `${folder}/${subfolder}`]);
}

async function holdsAny(
  files: Files,
  folder: string,
  names: readonly string[],
): Promise<boolean> {
  for (const name of names) {
    for (const file of [name, `${name}.gz`]) {
      if (await files.size(`${folder}/${file}`) !== undefined) return true;
    }
  }
  return false;
}
