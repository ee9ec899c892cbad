import assert from "node:assert/strict";
import { isAbsolute, relative, resolve } from "node:path";
import { denoHost } from "../../../core/experiment/host.ts";
import { codeDigests } from "../../../core/experiment/records/provenance.ts";
import { sha256 } from "../../../core/numerics/digest.ts";

const ROOT = resolve(import.meta.dirname!, "../../..");

/** The digests and the files they cover, by path from the root; `change` may alter a file. */
async function measure(change = (_path: string, bytes: Uint8Array<ArrayBuffer>) => bytes) {
  const covered = new Map<string, Uint8Array<ArrayBuffer>>();
  const read = async (path: string) => {
    assert.ok(isAbsolute(path), path);
    const name = relative(ROOT, path).replaceAll("\\", "/");
    const bytes = change(name, await denoHost.files.read(path));
    covered.set(name, bytes);
    return bytes;
  };
  const host = { list: denoHost.list, files: { ...denoHost.files, read } };
  return { digests: await codeDigests(host), covered };
}

Deno.test("codeDigests() are those of sha256sum's lines, wherever it is run from", async () => {
  const { digests, covered } = await measure();
  const over = async (wanted: (path: string) => boolean) => {
    const lines = [...covered.keys()].filter(wanted).sort().map(async (path) =>
      `${await sha256(covered.get(path)!)}  ${path}\n`
    );
    return sha256(new TextEncoder().encode((await Promise.all(lines)).join("")));
  };
  assert.equal(digests.shaders, await over((path) => path.startsWith("shaders/")));
  assert.equal(digests.code, await over((path) => !path.startsWith("shaders/")));
});

Deno.test("codeDigests() cover the sources and nothing else", async () => {
  const { covered } = await measure();
  for (
    const path of [
      "core/device/webgpu.ts",
      "core/data/cifar10_excluded.json",
      "experiments/cnn/arms.ts",
    ]
  ) {
    assert.ok(covered.has(path), path);
  }
  assert.ok([...covered.keys()].some((path) => /^shaders\/lib\/.*\.wgsl$/.test(path)));
  for (const path of covered.keys()) {
    assert.match(
      path,
      /^(core\/.+\.(ts|json|b64)|mod\.ts|experiments\/.+\.ts|shaders\/.+\.wgsl)$/,
    );
  }
});

Deno.test("codeDigests() change with any byte of a file, each with its own files", async () => {
  const { digests } = await measure();
  for (
    const [changed, kind, other] of [
      ["core/numerics/digest.ts", "code", "shaders"],
      ["shaders/matmul.wgsl", "shaders", "code"],
    ] as const
  ) {
    const now = await measure((path, bytes) =>
      path === changed ? new Uint8Array([...bytes, 10]) : bytes
    );
    assert.notEqual(now.digests[kind], digests[kind]);
    assert.equal(now.digests[other], digests[other]);
  }
});
