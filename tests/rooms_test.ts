/** The house's one rule: a room imports only from rooms below it, and only one file speaks to Deno. */
import assert from "node:assert/strict";

/** From the lowest room up; rooms of one line do not import each other. */
const ROOMS = [
  ["core/numerics"],
  ["core/random"],
  ["core/wasm"],
  ["core/device"],
  ["core/ops"],
  ["core/graph"],
  ["core/nn", "core/optim"],
  ["core/data"],
  ["core/train"],
  ["core/classic"],
  ["core/experiment"],
  ["core/reproduce"],
  ["mod.ts"],
  ["reports"],
  ["experiments"],
  ["core/cli"],
];

const ROOT = new URL("../", import.meta.url);
const MAX_LINES = 400;

interface Source {
  readonly path: string;
  readonly text: string;
}

/** All sources below a folder; none where a room is not built yet. */
async function sources(folder: string): Promise<Source[]> {
  const found: Source[] = [];
  const entries = await Array.fromAsync(Deno.readDir(new URL(`${folder}/`, ROOT)))
    .catch((error) => error instanceof Deno.errors.NotFound ? [] : Promise.reject(error));
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...await sources(path));
    else if (/\.(ts|wgsl)$/.test(entry.name)) found.push(await source(path));
  }
  return found;
}

async function source(path: string): Promise<Source> {
  return { path, text: await Deno.readTextFile(new URL(path, ROOT)) };
}

async function house(): Promise<Source[]> {
  const rooms = await Promise.all(["core", "experiments", "reports", "shaders"].map(sources));
  return [...rooms.flat(), await source("mod.ts")];
}

/** The room of a path and its height. */
function room(path: string): { name: string; level: number } | undefined {
  for (const [level, names] of ROOMS.entries()) {
    const name = names.find((name) => path === name || path.startsWith(`${name}/`));
    if (name) return { name, level };
  }
  return undefined;
}

/** Project files that a source imports, types included. */
function imports({ path, text }: Source): string[] {
  const code = text.replace(/^\s*\*.*$/gm, "");
  return [...code.matchAll(/\bfrom\s+"(\.[^"]+)"|\bimport\s+"(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/g)]
    .map((match) => new URL(match[1] ?? match[2] ?? match[3]!, new URL(path, ROOT)).pathname)
    .map((pathname) => pathname.slice(ROOT.pathname.length));
}

Deno.test("every room imports only from rooms below it, types included", async () => {
  const wrong: string[] = [];
  for (const file of await house()) {
    if (file.path.endsWith(".wgsl")) continue;
    const from = room(file.path);
    assert.ok(from, `${file.path} stands in no room; see DESIGN's list`);
    for (const target of imports(file)) {
      if (target.endsWith(".wgsl") || target.endsWith(".json")) continue;
      const to = room(target);
      assert.ok(to, `${file.path} imports ${target}, which stands in no room`);
      if (to.name !== from.name && to.level >= from.level) {
        wrong.push(`${file.path} -> ${target}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("experiment modules import only the public API, their own files and a yardstick", async () => {
  for (const file of await sources("experiments")) {
    const folder = file.path.split("/").slice(0, 2).join("/");
    for (const target of imports(file)) {
      // What one experiment has trained may measure another's results.
      const mayBe = target === "mod.ts" || target.startsWith(`${folder}/`) ||
        /^experiments\/[^/]+\/yardstick\.ts$/.test(target);
      assert.ok(mayBe, `${file.path} -> ${target}`);
    }
  }
});

Deno.test("only the host file and the command line speak to Deno", async () => {
  const speaking = (await Promise.all(["core", "reports"].map(sources))).flat()
    .filter(({ text }) => /\bDeno\./.test(text.replace(/^\s*(\*|\/\/|\/\*).*$/gm, "")))
    .map(({ path }) => path)
    .filter((path) => path !== "core/experiment/host.ts" && !path.startsWith("core/cli/"));
  assert.deepEqual(speaking, []);
});

Deno.test("no file is longer than 400 lines", async () => {
  const long = (await house()).filter(({ text }) => text.split("\n").length > MAX_LINES + 1);
  assert.deepEqual(long.map(({ path }) => path), []);
});
