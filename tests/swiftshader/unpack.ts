/**
 * Unpacks SwiftShader, the second Vulkan driver that the kernels are tested on, into
 * `.cache/swiftshader`. It comes inside npm's @sparticuz/chromium: driver, ICD file and Vulkan
 * loader, so a machine without any driver and without root can run the WGSL tests.
 */
import { parseTar } from "nanotar";
import { brotliDecompressSync } from "node:zlib";

const target = new URL("../../.cache/swiftshader/", import.meta.url);
const last = new URL("vk_swiftshader_icd.json", target);
const archive = new URL(
  "node_modules/@sparticuz/chromium/bin/swiftshader.tar.br",
  import.meta.url,
);

if (!await exists(last)) {
  await Deno.mkdir(target, { recursive: true });
  const files = parseTar(brotliDecompressSync(await Deno.readFile(archive)));
  // The ICD file last: it is what says that all the others are there.
  files.sort((a, b) => Number(a.name.endsWith(".json")) - Number(b.name.endsWith(".json")));
  for (const { name, data } of files) {
    // Only plain names: an archive must not write outside its folder.
    if (data && /^\w[\w.-]*$/.test(name)) await Deno.writeFile(new URL(name, target), data);
  }
}

async function exists(path: URL): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}
