/** Folders as a clone of the project has them: experiments in a git repository, and data fetched. */
import assert from "node:assert/strict";
import { MADE } from "./fixtures/formats.ts";
import type { Place } from "./process.ts";

const ROOT = new URL("../../", import.meta.url);
const DECLARATION = new URL("fixtures/experiments/tiny/mod.ts", import.meta.url);

/** Figures that read files of the first seed. */
const FIGURES = `figures: [
    { figure: "learning curves", arms: ["narrow", "wide"], set: "test" },
    { figure: "predictions", arm: "narrow" },
    { figure: "filters", arm: "wide", layer: "conv2d1" },
  ],
  presets: {`;

/** Runs git there. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  const own = ["user.name=Test", "user.email=test@example.org", "commit.gpgsign=false"];
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: ["-C", folder, ...own.flatMap((setting) => ["-c", setting]), ...args],
    // A hook of git's names its own repository there, and a user's settings may be anything.
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "" },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

/** Writes the experiments `tiny` and `second` and the data; no repository yet. */
export async function writeProject({ folder }: Place): Promise<void> {
  const code = (await Deno.readTextFile(DECLARATION))
    .replace(/"(\.\.\/)+mod\.ts"/, `"${ROOT.href}mod.ts"`)
    .replace("{ defineExperiment, ", "{ conv2d, defineExperiment, ")
    .replace(
      "net: [flatten(), dense({ units: 4 })",
      "net: [conv2d({ filters: 2, kernel: 5, stride: 5 }), flatten(), dense({ units: 4 })",
    )
    .replace("presets: {", FIGURES);
  assert.ok(code.includes("conv2d({") && code.includes("figures:"));
  for (const name of ["tiny", "second"]) {
    await Deno.mkdir(`${folder}/experiments/${name}`, { recursive: true });
    await Deno.writeTextFile(
      `${folder}/experiments/${name}/mod.ts`,
      code.replace('name: "tiny"', `name: "${name}"`),
    );
  }
  await Deno.writeTextFile(`${folder}/.gitignore`, "/runs/\n/site/\n/.cache/\n.lock\n.*.tmp\n");
  await Deno.mkdir(`${folder}/.cache/mnist`, { recursive: true });
  for (const [name, bytes] of Object.entries(MADE.files)) {
    await Deno.writeFile(`${folder}/.cache/mnist/${name}`, bytes);
  }
}

/** Commits all of a folder, of which a repository is made where it is none. */
export async function commitAll(folder: string): Promise<string> {
  await git(folder, "init", "--quiet");
  await git(folder, "add", "--all");
  await git(folder, "commit", "--quiet", "--message", "All of it");
  return await git(folder, "rev-parse", "HEAD");
}
