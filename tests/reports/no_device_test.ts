/** A report is made where there is no device: nothing that it loads can reach one. */
import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);
const DEVICE = /^core\/(device\/(cpu|webgpu)|ops\/|wasm\/)/;

/** Every project file that is loaded with `path`, types left out, since they are not loaded. */
async function loaded(path: string, found = new Set<string>()): Promise<Set<string>> {
  if (found.has(path)) return found;
  found.add(path);
  if (!path.endsWith(".ts")) return found;
  const text = (await Deno.readTextFile(new URL(path, ROOT))).replace(/^\s*\*.*$/gm, "");
  const imports = /^(?:import|export)\s(?!type\s)[^;]*?from\s+"(\.[^"]+)"|^import\s+"(\.[^"]+)"/gm;
  for (const [, from, bare] of text.matchAll(imports)) {
    const { pathname } = new URL(from ?? bare!, new URL(path, ROOT));
    await loaded(pathname.slice(ROOT.pathname.length), found);
  }
  assert.doesNotMatch(text, /\bimport\(/, `${path} imports while it runs`);
  return found;
}

async function deviceFiles(path: string): Promise<string[]> {
  return [...await loaded(path)].filter((file) => DEVICE.test(file));
}

Deno.test("the files of reports/ load no device, no op and no WebAssembly, nor does reading a lock", async () => {
  for (const file of ["report.ts", "index_page.ts", "reported.ts"]) {
    assert.deepEqual(await deviceFiles(`reports/${file}`), []);
  }
  assert.deepEqual(await deviceFiles("core/reproduce/lock.ts"), []);
  assert.ok((await loaded("reports/report.ts")).has("core/experiment/claims/judge.ts"));
});

Deno.test("the search finds a device where there is one", async () => {
  assert.notDeepEqual(await deviceFiles("core/experiment/run.ts"), []);
});
