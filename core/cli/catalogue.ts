/** The experiments that there are: the folders that hold a mod.ts. */
import { relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { DeclarationError } from "../experiment/declaration_error.ts";
import { known } from "../experiment/parse.ts";
import type { Experiment } from "../experiment/define.ts";
import { denoHost } from "../experiment/host.ts";

/** The folder of this project's experiments, as seen from where a task runs: it is printed. */
export const EXPERIMENTS: string =
  relative(Deno.cwd(), resolve(import.meta.dirname!, "../../experiments")) || ".";

/** Their names, sorted. */
export async function experimentNames(folder: string): Promise<string[]> {
  const { folders } = await denoHost.list(folder);
  const named = await Promise.all(
    folders.map(async (name) => ({
      name,
      found: await denoHost.exists(`${folder}/${name}/mod.ts`),
    })),
  );
  return named.filter(({ found }) => found).map(({ name }) => name);
}

/**
 * Imports the declaration of one.
 *
 * @throws {DeclarationError} when there is none of this name, or its mod.ts declares none.
 */
export async function loadExperiment(folder: string, name: string): Promise<Experiment> {
  known("experiment", name, await experimentNames(folder));
  const path = `${folder}/${name}/mod.ts`;
  const { default: experiment } = await import(pathToFileURL(path).href) as {
    readonly default?: Partial<Experiment>;
  };
  if (experiment?.name !== name || !experiment.arms) {
    throw new DeclarationError(
      `${path}: its default export must be defineExperiment({ name: "${name}", ... })`,
    );
  }
  return experiment as Experiment;
}
