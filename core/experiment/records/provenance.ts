/**
 * Which code made a result: provenance, printed beside a result and never compared to decide one.
 */
import type { DeviceInfo } from "../../device/device.ts";
import { sha256 } from "../../numerics/digest.ts";
import { tileRow } from "../../ops/tiles.ts";
import type { Host } from "../host_interface.ts";
import type { Making } from "./making.ts";

const ROOT = `${import.meta.dirname}/../../..`;

/** What a module can be or import: source, tables, WebAssembly as text. */
const CODE = /\.(ts|json|b64)$/;

/**
 * SHA-256 over this project's own files, wherever it is run from: `code` over those in core/, mod.ts
 * and those of the experiments, `shaders` over shaders/. Each is the digest of the lines that
 * `sha256sum` prints for these files, sorted by path.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { denoHost } from "../host.ts";
 * import { codeDigests } from "./provenance.ts";
 *
 * const { code, shaders } = await codeDigests(denoHost);
 * assert.match(code + shaders, /^[0-9a-f]{128}$/);
 * ```
 */
export async function codeDigests(
  host: Pick<Host, "files" | "list">,
): Promise<{ readonly code: string; readonly shaders: string }> {
  const { files } = await host.list(ROOT);
  const core = (await below(host, "core")).filter((path) => CODE.test(path));
  const experiments = (await below(host, "experiments")).filter((path) => path.endsWith(".ts"));
  const shaders = (await below(host, "shaders")).filter((path) => /\.wgsl$/.test(path));
  return {
    code: await digestOfFiles(host, [
      ...core,
      ...experiments,
      ...files.filter((name) => name === "mod.ts"),
    ]),
    shaders: await digestOfFiles(host, shaders),
  };
}

/** What a cell that is run now is made by. */
export async function makingNow(host: Host, info: DeviceInfo): Promise<Making> {
  return {
    versions: { deno: host.denoVersion() },
    device: { ...info, ...(info.kind === "webgpu" && { tiles: tileRow(info).name }) },
    digests: await codeDigests(host),
  };
}

/** SHA-256 of deno.lock, which pins every package by its own digest. */
export async function dependenciesDigest(host: Pick<Host, "files">): Promise<string> {
  return sha256(await host.files.read(`${ROOT}/deno.lock`));
}

async function below(host: Pick<Host, "list">, folder: string): Promise<string[]> {
  const { folders, files } = await host.list(`${ROOT}/${folder}`);
  const deeper = await Promise.all(folders.map((name) => below(host, `${folder}/${name}`)));
  return [...files.map((name) => `${folder}/${name}`), ...deeper.flat()];
}

async function digestOfFiles(host: Pick<Host, "files">, paths: string[]): Promise<string> {
  const lines = await Promise.all(
    paths.sort().map(async (path) =>
      `${await sha256(await host.files.read(`${ROOT}/${path}`))}  ${path}\n`
    ),
  );
  return sha256(new TextEncoder().encode(lines.join("")));
}
