/**
 * The real files for tests: those in SAMEBITS_DATA, or else in ../shared/data beside this checkout.
 * Tests that need them are ignored where there are none, and say so.
 */
import type { Dataset, DatasetName } from "../../core/data/dataset.ts";
import type { Files } from "../../core/data/files.ts";
import { loadDataset } from "../../core/data/load.ts";

const given = Deno.env.get("SAMEBITS_DATA");

/** The folder that should hold them. */
export const directory = given ?? new URL("../../../shared/data", import.meta.url).pathname;

/** The files as they lie there. */
export const disk: Files = {
  read: (path) => Deno.readFile(path),
  size: async (path) => {
    try {
      return (await Deno.stat(path)).size;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  },
};

/** Registers a test that is ignored where the files of a data set are missing. */
export async function testOnData(
  name: DatasetName,
  title: string,
  run: () => Promise<void>,
  options: Partial<Deno.TestDefinition> = {},
): Promise<void> {
  // Only the folder beside the checkout may be absent: a given one that lacks the data must fail.
  const ignore = given === undefined && await disk.size(`${directory}/${name}`) === undefined;
  const suffix = ignore ? " [not run: no data in SAMEBITS_DATA or ../shared/data]" : "";
  Deno.test({ name: title + suffix, ignore, fn: run, ...options });
}

/** Loads a data set from the folder by way of `files`. */
export function load(name: DatasetName, files: Files = disk): Promise<Dataset> {
  const directories = [{ path: directory, given: true, origin: "the test" }];
  return loadDataset(name, { files, directories, allowStandIn: false });
}
