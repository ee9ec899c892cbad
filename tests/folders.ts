/** Whole folders: copied, or read. */
import { denoHost } from "../core/experiment/host.ts";

/** Copies a folder with all that is in it. */
export async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

/** All files below a folder, but for those that begin with a dot, with their bytes. */
export async function filesBelow(
  folder: string,
  below = "",
): Promise<Record<string, Uint8Array>> {
  const found: Record<string, Uint8Array> = {};
  const { folders, files } = await denoHost.list(`${folder}${below}`);
  for (const name of files) {
    const path = `${below}/${name}`;
    found[path.slice(1)] = await Deno.readFile(`${folder}${path}`);
  }
  for (const name of folders) Object.assign(found, await filesBelow(folder, `${below}/${name}`));
  return found;
}
