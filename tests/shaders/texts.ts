/** All WGSL that there is: the files, and what kernels dispatch. */
import { experimentNames, EXPERIMENTS, loadExperiment } from "../../core/cli/catalogue.ts";
import type { Device } from "../../core/device/device.ts";
import { probeProgram } from "../../core/device/probe.ts";
import type { Program } from "../../core/device/program.ts";
import { prelude, SPELLINGS } from "../../core/device/spelling.ts";
import { openCell } from "../../core/experiment/cells/supervised_cell.ts";
import { checkWgsl } from "../../core/experiment/wgsl_check.ts";
import { TILES } from "../../core/ops/tiles.ts";
import { dataOf, firstCell } from "../experiments/cells.ts";
import { build, simd } from "../ops/harness.ts";
import { TORTURE } from "../ops/torture.ts";

/** A text and where it is from. */
export interface Text {
  readonly name: string;
  readonly wgsl: string;
}

const ROOT = new URL("../../", import.meta.url);

/** The files below `shaders/`, as they stand. */
export async function shaderFiles(folder = "shaders"): Promise<Text[]> {
  const entries = await Array.fromAsync(Deno.readDir(new URL(folder, ROOT)));
  const texts = entries.map(async ({ name, isDirectory }): Promise<Text[]> => {
    const path = `${folder}/${name}`;
    if (isDirectory) return await shaderFiles(path);
    return [{ name: path, wgsl: await Deno.readTextFile(new URL(path, ROOT)) }];
  });
  return (await Promise.all(texts)).flat();
}

/** A template with one turn of each loop: WGSL, but for names that other texts declare. */
export function oneTurn(template: string): string {
  return template.replace(/\$\{\w+\}/g, "0");
}

/**
 * What the kernels of the torture set and of every arm of every experiment dispatch, for adapters
 * of every class; of texts that differ only in sizes, one.
 */
export async function kernelTexts(): Promise<Text[]> {
  const programs = [probeProgram, ...torturePrograms(), ...await experimentPrograms()];
  const texts = new Map<string, Text>();
  for (const { name, steps } of programs) {
    for (const { kernel, label } of steps) {
      for (const row of TILES) {
        const { wgsl } = kernel.dispatch({ class: row.class, name: row.adapter ?? "" });
        const sizes = wgsl.replace(/^(const \w+) = \d+u;$/gm, "$1").replace(/\b\d+u\b/g, "u");
        texts.set(sizes, { name: `${name}: ${label}, ${row.name}`, wgsl });
      }
    }
  }
  return [...texts.values()];
}

/** The functions of numerics and random in one text, for those that no op calls yet. */
export async function twins(): Promise<Text> {
  const texts = (await shaderFiles("shaders/lib")).map(({ wgsl }) => wgsl);
  const wgsl = texts.filter((text) => /^\/\/ Twin of core\/(numerics|random)\//.test(text)).join(
    "",
  );
  return { name: "twins of core/numerics and core/random", wgsl };
}

/** What stands before every kernel, by spelling. */
export function preludes(): Text[] {
  return SPELLINGS.map((spelling) => ({ name: `${spelling} products`, wgsl: prelude(spelling) }));
}

function torturePrograms(): Program[] {
  return Object.values(TORTURE).flatMap((row) =>
    row.sizes.map((_, size) => build(row.make(size, "mantissas")))
  );
}

/** The programs that the arms load, on a device that remembers them. */
async function experimentPrograms(): Promise<Program[]> {
  const loaded: Program[] = [];
  const remembering: Device = {
    ...simd,
    load(programs) {
      loaded.push(...programs);
      return simd.load(programs);
    },
  };
  for (const name of await experimentNames(EXPERIMENTS)) {
    const experiment = await loadExperiment(EXPERIMENTS, name);
    for (const arm of Object.keys(experiment.arms)) {
      const cell = await firstCell(experiment, arm, { steps: 1 });
      const data = await dataOf(cell);
      if (cell.config.kind === "supervised") {
        (await openCell(remembering, cell.config, 0, data!)).trainer.close();
      } else await checkWgsl(cell, data, remembering, simd);
    }
  }
  return loaded;
}
