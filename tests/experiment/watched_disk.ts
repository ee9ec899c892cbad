/**
 * A disk that tells what it is about to do, so that a test can hold it there and kill the process,
 * or let it fail there as if it were full. It writes each file in two halves.
 */
import { basename, dirname } from "node:path";
import type { Disk } from "../../core/experiment/host.ts";

/** The moments of a file that is written whole: what has been done is there, the rest is not. */
export const WRITTEN = [
  "temporary file open",
  "temporary file half written",
  "before the temporary file's sync",
  "before rename",
  "after rename",
  "after the folder's sync",
] as const;

/** Of a file that is added to. */
export const APPENDED = [
  "open to append",
  "half appended",
  "before the appended's sync",
  "after the appended's sync",
] as const;

/** Of a file that is cut back. */
export const CUT = ["before the cut", "before the cut's sync", "after the cut's sync"] as const;

/** Of a folder that is made. */
export const MADE = ["before making", "after making"] as const;

/** What a watched disk is about to do, or has just done. */
export type Moment =
  | "before opening"
  | typeof WRITTEN[number]
  | typeof APPENDED[number]
  | typeof CUT[number]
  | typeof MADE[number];

/** Deno's disk, which waits for `at` at every moment; a temporary file goes by its final name. */
export function watchedDisk(at: (moment: Moment, path: string) => Promise<void>): Disk {
  /** The file whose rename the next sync of a folder keeps. */
  let renamed = "";
  return {
    remove: Deno.remove,
    async mkdir(path, options) {
      await at("before making", String(path));
      await Deno.mkdir(path, options);
      await at("after making", String(path));
    },
    async rename(from, to) {
      await at("before rename", String(to));
      await Deno.rename(from, to);
      renamed = String(to);
    },
    async open(name, options) {
      if (options === undefined) {
        const folder = await Deno.open(name);
        const sync = folder.sync.bind(folder);
        return Object.assign(folder, {
          async sync() {
            await at("after rename", renamed);
            await sync();
            await at("after the folder's sync", renamed);
          },
        });
      }
      const path = finalName(String(name));
      await at("before opening", path);
      const file = await Deno.open(name, options);
      const write = file.write.bind(file);
      const truncate = file.truncate.bind(file);
      const sync = file.sync.bind(file);
      const { append = false } = options;
      let writes = 0;
      let cut = false;
      return Object.assign(file, {
        async write(bytes: Uint8Array) {
          const [open, half] = append ? APPENDED : WRITTEN;
          await at(writes === 0 ? open : half, path);
          return await write(
            writes++ === 0 ? bytes.subarray(0, Math.ceil(bytes.length / 2)) : bytes,
          );
        },
        async truncate(length?: number) {
          await at("before the cut", path);
          await truncate(length);
          cut = true;
        },
        async sync() {
          await at(
            cut
              ? "before the cut's sync"
              : append
              ? "before the appended's sync"
              : "before the temporary file's sync",
            path,
          );
          await sync();
          if (cut) await at("after the cut's sync", path);
          if (append) await at("after the appended's sync", path);
        },
      });
    },
  };
}

function finalName(path: string): string {
  return `${dirname(path)}/${basename(path).replace(/^\.(.+)\.[0-9a-f]{8}\.tmp$/, "$1")}`;
}
