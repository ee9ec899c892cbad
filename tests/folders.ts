/** Whole folders: copied, or read. */
import { basename } from "node:path";

/** Copies a folder with all that is in it. */
export async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

/** The paths of all files below a folder, in order. */
export async function filesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const inner = isDirectory ? await filesIn(`${folder}/${name}`) : [];
    found.push(...isDirectory ? inner.map((path) => `${name}/${path}`) : [name]);
  }
  return found.sort();
}

/** The files below a folder with what is in them. */
export async function bytesIn(folder: string): Promise<[path: string, bytes: Uint8Array][]> {
  const paths = await filesIn(folder);
  return await Promise.all(
    paths.map(async (path): Promise<[string, Uint8Array]> => [
      path,
      await Deno.readFile(`${folder}/${path}`),
    ]),
  );
}

/** As {@link bytesIn}, by path, but for files that begin with a dot. */
export async function filesBelow(folder: string): Promise<Record<string, Uint8Array>> {
  const files = await bytesIn(folder);
  return Object.fromEntries(files.filter(([path]) => !basename(path).startsWith(".")));
}
