/**
 * The host that is Deno: the one file below core/cli that calls its API. It works with the
 * permissions that the tasks give, and asks for none.
 */
import { cpus } from "node:os";
import { basename, dirname, join } from "node:path";
import { openWebGpu } from "../device/webgpu.ts";
import { type Host, HostError, type Listing } from "./host_interface.ts";

const LOCK_FILE = ".lock";
const TEMPORARY_FILE = /^\..+\.[0-9a-f]{8}\.tmp$/;

/** Deno's functions that change files; a test hands in others, which stop or fail at one of them. */
export type Disk = Pick<typeof Deno, "open" | "mkdir" | "rename" | "remove">;

/** The machine by way of Deno, what it writes by way of `disk`. */
export function hostOver(disk: Disk): Host {
  return {
    files: {
      read: (path) => attempt(path, "read", () => Deno.readFile(path)),
      size: async (path) => {
        const info = await stat(path);
        return info?.isFile ? info.size : undefined;
      },
    },
    readText: (path) => attempt(path, "read", () => Deno.readTextFile(path)),
    exists: async (path) => await stat(path) !== undefined,
    list,
    createFolder: (path) => createFolder(disk, path),
    writeAtomic: (path, content) => writeAtomic(disk, path, content),
    append: (path, bytes) => append(disk, path, bytes),
    appendText: (path, text) => append(disk, path, new TextEncoder().encode(text)),
    remove: (path) =>
      attempt(path, "removed", async () => {
        if (await stat(path) !== undefined) await disk.remove(path);
      }),
    truncateTo: (path, bytes) => truncateTo(disk, path, bytes),
    lockFolder: (path) => lockFolder(disk, path),
    now: () => new Date().toISOString(),
    cpuModel: () => granted({ name: "sys", kind: "cpus" }) && cpus()[0]?.model || "unknown CPU",
    denoVersion: () => Deno.version.deno,
    openWebGpuQuietly: () => {
      const variable = "XDG_RUNTIME_DIR";
      // Mesa asks for this folder and complains on stderr where it is not set; it puts nothing there.
      if (
        Deno.build.os === "linux" && granted({ name: "env", variable }) && !Deno.env.get(variable)
      ) {
        Deno.env.set(variable, "/tmp");
      }
      return openWebGpu();
    },
  };
}

/**
 * The machine by way of Deno.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { denoHost } from "./host.ts";
 *
 * assert.ok(await denoHost.exists("."));
 * assert.ok(Number(denoHost.denoVersion().split(".")[0]) >= 2);
 * ```
 */
export const denoHost: Host = hostOver(Deno);

async function list(path: string): Promise<Listing> {
  const folders: string[] = [];
  const files: string[] = [];
  if (await stat(path) !== undefined) {
    await attempt(path, "listed", async () => {
      for await (const { name, isDirectory, isSymlink } of Deno.readDir(path)) {
        if (name.startsWith(".")) continue;
        const folder = isSymlink ? (await stat(join(path, name)))?.isDirectory : isDirectory;
        (folder ? folders : files).push(name);
      }
    });
  }
  return { folders: folders.sort(), files: files.sort() };
}

function createFolder(disk: Disk, path: string): Promise<void> {
  return attempt(path, "made", async () => {
    const parent = dirname(path);
    // Only where it is missing: "." is outside what Deno may write.
    if (await stat(parent) === undefined) await disk.mkdir(parent, { recursive: true });
    try {
      await disk.mkdir(path);
    } catch (cause) {
      if (!(cause instanceof Deno.errors.AlreadyExists)) throw cause;
      throw new HostError(
        `${path}: expected no such folder yet, found one; a folder is never overwritten. Choose ` +
          "another name, or move the old one away.",
        { cause },
      );
    }
  });
}

function writeAtomic(
  disk: Disk,
  path: string,
  content: Uint8Array<ArrayBuffer> | string,
): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const folder = dirname(path);
  // A name of its own, so that two writers of one file never write into each other's.
  const temporary = join(
    folder,
    `.${basename(path)}.${crypto.getRandomValues(new Uint8Array(4)).toHex()}.tmp`,
  );
  return attempt(path, "written", async () => {
    try {
      {
        using file = await disk.open(temporary, { write: true, createNew: true });
        await writeAndSync(file, bytes);
      }
      await disk.rename(temporary, path);
    } catch (error) {
      await disk.remove(temporary).catch(() => {});
      throw error;
    }
    await syncFolder(disk, folder);
  });
}

function append(disk: Disk, path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  return attempt(path, "written", async () => {
    using file = await disk.open(path, { append: true, create: true });
    await writeAndSync(file, bytes);
  });
}

function truncateTo(disk: Disk, path: string, bytes: number): Promise<void> {
  return attempt(path, "written", async () => {
    using file = await disk.open(path, { write: true });
    const { size } = await file.stat();
    if (size < bytes) {
      throw new HostError(
        `${path}: expected at least ${bytes} bytes to go on from, found ${size}. The file was ` +
          "changed since; remove its folder and run it anew.",
      );
    }
    await file.truncate(bytes);
    await file.sync();
  });
}

function lockFolder(disk: Disk, path: string): Promise<() => void> {
  return attempt(path, "locked", async () => {
    // The lock file stays: were it removed, somebody could hold the removed one.
    const file = await disk.open(join(path, LOCK_FILE), { write: true, create: true });
    try {
      if (!await file.tryLock(true)) {
        throw new HostError(
          `${path}: another process is writing there. Wait for it to end, or stop it first.`,
        );
      }
      await removeLeftovers(disk, path);
    } catch (error) {
      file.close();
      throw error;
    }
    let held = true;
    return () => {
      if (held) file.close();
      held = false;
    };
  });
}

/** What killed writers left, in the folders below too: a cell's, and that of its samples. */
async function removeLeftovers(disk: Disk, folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) {
      // What is claimed for itself may be somebody else's.
      if (await stat(join(path, LOCK_FILE)) === undefined) await removeLeftovers(disk, path);
    } else if (TEMPORARY_FILE.test(name)) {
      await disk.remove(path);
    }
  }
}

async function writeAndSync(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
  await file.sync();
}

/** Makes a rename survive a power cut, where the platform lets a folder be opened and synced. */
async function syncFolder(disk: Disk, path: string): Promise<void> {
  try {
    using folder = await disk.open(path);
    await folder.sync();
  } catch {
    // Elsewhere the file system sees to it.
  }
}

/** `undefined`: nothing of this name. */
async function stat(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw hostError(path, "read", cause);
  }
}

function granted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}

async function attempt<T>(path: string, done: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof HostError ? cause : hostError(path, done, cause);
  }
}

/** Why it failed and what to do, by the operating system's code. */
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full. Free some space and run it again.",
  EDQUOT: "your share of the disk is full. Free some space and run it again.",
  EACCES: "permission denied. Check who owns it and its mode.",
  EPERM: "permission denied. Check who owns it and its mode.",
  EROFS: "its file system is read-only. Use a folder on another one.",
  ENOENT: "no such file or folder. Check the path.",
  ENOTDIR: "a part of the path is a file. Check the path.",
  EISDIR: "there is a folder of this name. Check the path.",
};

function hostError(path: string, done: string, cause: unknown): HostError {
  const { code, message } = cause as { readonly code?: string; readonly message?: string };
  const reason = cause instanceof Deno.errors.NotCapable
    ? "Deno was started without the permission for it. Start it with `deno task`, which lets it " +
      "read everything and write below runs, site, .cache and experiments."
    : REASONS[code ?? ""] ?? `${message ?? cause}. Check the path and the disk.`;
  return new HostError(`${path}: cannot be ${done}: ${reason}`, { cause });
}
