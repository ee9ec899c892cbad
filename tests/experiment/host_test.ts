import assert from "node:assert/strict";
import { join } from "node:path";
import { denoHost, hostOver } from "../../core/experiment/host.ts";
import { HostError } from "../../core/experiment/host_interface.ts";
import { APPENDED, CUT, watchedDisk, WRITTEN } from "./watched_disk.ts";

/** A test with an empty folder of its own, below .cache since tests may write there. */
function testInFolder(name: string, body: (folder: string) => Promise<void>): void {
  Deno.test(name, async () => {
    await Deno.mkdir(".cache", { recursive: true });
    const folder = await Deno.makeTempDir({ dir: ".cache", prefix: "host_test_" });
    try {
      await body(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

async function refusal(work: Promise<unknown>, path: string): Promise<string> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof HostError, String(error));
    assert.ok(error.message.startsWith(`${path}: `), error.message);
    assert.ok(!error.message.includes("\n"), error.message);
    return error.message;
  }
  return assert.fail("expected a HostError");
}

/** Every name in the folder, also the hidden ones. */
async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
}

const TASK_PERMISSIONS = [
  "--allow-read",
  "--allow-write=runs,site,.cache,experiments",
  "--allow-env=SAMEBITS_DATA,XDG_RUNTIME_DIR",
  "--allow-sys=cpus",
];

function child(act: string, folder: string, permissions = TASK_PERMISSIONS): Deno.Command {
  const script = join(import.meta.dirname!, "host_child.ts");
  return new Deno.Command("deno", {
    args: ["run", "--no-prompt", "--no-lock", ...permissions, script, act],
    cwd: folder,
    // Deno starts nobody who is handed an LD_LIBRARY_PATH; Mesa takes the empty folder as none.
    env: { LD_LIBRARY_PATH: "", XDG_RUNTIME_DIR: "", NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  });
}

async function answer(
  act: string,
  folder: string,
  permissions?: string[],
): Promise<{ readonly answer: unknown; readonly stderr: string }> {
  const output = await child(act, folder, permissions).output();
  const stderr = new TextDecoder().decode(output.stderr);
  assert.ok(output.success, stderr);
  return { answer: JSON.parse(new TextDecoder().decode(output.stdout)), stderr };
}

/** Runs `act` until it has said its first word, then `body`, then kills it in the midst of its work. */
async function whileRunning(
  act: string,
  folder: string,
  body: () => Promise<void>,
): Promise<void> {
  const process = child(act, folder).spawn();
  const output = process.stdout.getReader();
  try {
    const { done } = await output.read();
    assert.ok(!done, "the child ended early");
    await body();
  } finally {
    process.kill("SIGKILL");
    await process.status;
    await output.cancel();
    await process.stderr.cancel();
  }
}

/** Lets the disk fill up after the first bytes of each write. */
async function onFullDisk(body: () => Promise<void>, code = "ENOSPC"): Promise<void> {
  const write = Deno.FsFile.prototype.write;
  let room = 3;
  Deno.FsFile.prototype.write = function (bytes) {
    if (room === 0) return Promise.reject(Object.assign(new Error("os error"), { code }));
    return write.call(this, bytes.subarray(0, room--));
  };
  try {
    await body();
  } finally {
    Deno.FsFile.prototype.write = write;
  }
}

testInFolder("writeAtomic() writes bytes and text, over an old file too", async (folder) => {
  const path = `${folder}/cell.json`;
  await denoHost.writeAtomic(path, "é, a longer text");
  assert.equal(await denoHost.readText(path), "é, a longer text");
  assert.equal(await denoHost.files.size(path), 17);
  await denoHost.writeAtomic(path, Uint8Array.of(1, 2, 3));
  assert.deepEqual(await denoHost.files.read(path), Uint8Array.of(1, 2, 3));
  await denoHost.writeAtomic(path, "");
  assert.equal(await denoHost.files.size(path), 0);
  assert.deepEqual(await names(folder), ["cell.json"]);
});

testInFolder(
  "writeAtomic() leaves the old file on a full disk, and nothing else",
  async (folder) => {
    const path = `${folder}/cell.json`;
    await denoHost.writeAtomic(path, "old");
    await onFullDisk(async () => {
      const text = await refusal(denoHost.writeAtomic(path, "a new text"), path);
      assert.equal(
        text,
        `${path}: cannot be written: the disk is full. Free some space and run it again.`,
      );
    });
    assert.equal(await denoHost.readText(path), "old");
    assert.deepEqual(await names(folder), ["cell.json"]);
  },
);

for (
  const [code, why] of [
    ["EDQUOT", "your share of the disk is full"],
    ["EACCES", "permission denied. Check who owns it"],
    ["EROFS", "its file system is read-only"],
    ["EIO", "os error. Check the path and the disk."],
  ] as const
) {
  testInFolder(`writeAtomic() says what ${code} means`, async (folder) => {
    const path = `${folder}/cell.json`;
    await onFullDisk(async () => {
      const text = await refusal(denoHost.writeAtomic(path, "a new text"), path);
      assert.ok(text.startsWith(`${path}: cannot be written: ${why}`), text);
    }, code);
  });
}

testInFolder(
  "a file is synced before it is renamed, then its folder; what is added or cut is synced",
  async (folder) => {
    const met: string[] = [];
    const host = hostOver(watchedDisk((moment) => Promise.resolve(void met.push(moment))));
    const path = `${folder}/metrics.csv`;
    await host.writeAtomic(path, "step,loss\n");
    await host.appendText(path, "100,0.5\n");
    await host.truncateTo(path, 10);
    const opening = "before opening";
    assert.deepEqual(met, [opening, ...WRITTEN, opening, ...APPENDED, opening, ...CUT]);
    assert.equal(await denoHost.readText(path), "step,loss\n");
  },
);

testInFolder("writeAtomic() refuses a folder's name and a missing folder", async (folder) => {
  await denoHost.createFolder(`${folder}/taken`);
  const taken = await refusal(denoHost.writeAtomic(`${folder}/taken`, "x"), `${folder}/taken`);
  assert.ok(taken.includes("there is a folder of this name"), taken);
  const missing = await refusal(denoHost.writeAtomic(`${folder}/no/x`, "x"), `${folder}/no/x`);
  assert.ok(missing.includes("no such file or folder"), missing);
  assert.deepEqual(await names(folder), ["taken"]);
});

testInFolder("writeAtomic() lets two writers of one file each write it whole", async (folder) => {
  const path = `${folder}/index.html`;
  const texts = ["a", "b", "c"].map((letter) => letter.repeat(100_000));
  await Promise.all(texts.map((text) => denoHost.writeAtomic(path, text)));
  assert.ok(texts.includes(await denoHost.readText(path)));
  assert.deepEqual(await names(folder), ["index.html"]);
});

testInFolder("writeAtomic() never shows half a file, not even when killed", async (folder) => {
  const runs = `${folder}/runs`;
  await denoHost.createFolder(runs);
  const whole = async () => {
    const bytes = await denoHost.files.read(`${runs}/file`);
    assert.equal(bytes.length, 1_000_000);
    assert.ok(bytes.every((byte) => byte === bytes[0]));
  };
  await whileRunning("rewrite", folder, async () => {
    for (let i = 0; i < 30; i++) await whole();
  });
  await whole();
  (await denoHost.lockFolder(runs))();
  assert.deepEqual(await names(runs), [".lock", "file"]);
});

testInFolder("createFolder() makes missing parents, and never an old folder", async (folder) => {
  const path = `${folder}/mlp/2026/cell`;
  await denoHost.createFolder(path);
  assert.ok(await denoHost.exists(path));
  assert.ok((await refusal(denoHost.createFolder(path), path)).includes("never overwritten"));
  await denoHost.createFolder(`${folder}/mlp/2026/other`);
  const { folders } = await denoHost.list(`${folder}/mlp/2026`);
  assert.deepEqual(folders, ["cell", "other"]);
});

testInFolder("createFolder() refuses a file's name and a folder in a file", async (folder) => {
  await denoHost.writeAtomic(`${folder}/file`, "");
  await refusal(denoHost.createFolder(`${folder}/file`), `${folder}/file`);
  const text = await refusal(denoHost.createFolder(`${folder}/file/x`), `${folder}/file/x`);
  assert.ok(text.includes("cannot be made: a part of the path is a file"), text);
});

testInFolder("appendText() adds to the end, and truncateTo() takes it back", async (folder) => {
  const path = `${folder}/metrics.csv`;
  await denoHost.appendText(path, "step,loss\n");
  const size = await denoHost.files.size(path);
  await denoHost.appendText(path, "100,0.5\n");
  assert.equal(await denoHost.readText(path), "step,loss\n100,0.5\n");
  await denoHost.truncateTo(path, size!);
  assert.equal(await denoHost.readText(path), "step,loss\n");
  await denoHost.appendText(path, "100,0.25\n");
  assert.equal(await denoHost.readText(path), "step,loss\n100,0.25\n");
});

testInFolder("appendText() on a full disk says so", async (folder) => {
  await onFullDisk(async () => {
    const path = `${folder}/metrics.csv`;
    const text = await refusal(denoHost.appendText(path, "step,loss\n"), path);
    assert.ok(text.includes("cannot be written: the disk is full"), text);
  });
});

testInFolder("append() adds bytes to the end, and remove() takes the file away", async (folder) => {
  const path = `${folder}/data.gz.part`;
  await denoHost.append(path, Uint8Array.of(1, 2));
  await denoHost.append(path, Uint8Array.of(3));
  assert.deepEqual(await denoHost.files.read(path), Uint8Array.of(1, 2, 3));
  await denoHost.remove(path);
  assert.deepEqual(await names(folder), []);
  await denoHost.remove(path);
  await refusal(denoHost.append(`${folder}/none/x`, Uint8Array.of(1)), `${folder}/none/x`);
});

testInFolder("truncateTo() never makes a file longer, nor a new one", async (folder) => {
  const path = `${folder}/metrics.csv`;
  await denoHost.appendText(path, "abc");
  const text = await refusal(denoHost.truncateTo(path, 4), path);
  assert.ok(text.includes("expected at least 4 bytes to go on from, found 3"), text);
  assert.equal(await denoHost.readText(path), "abc");
  await refusal(denoHost.truncateTo(`${folder}/none`, 0), `${folder}/none`);
  assert.ok(!await denoHost.exists(`${folder}/none`));
});

testInFolder("lockFolder() lets one writer in at a time", async (folder) => {
  const unlock = await denoHost.lockFolder(folder);
  const text = await refusal(denoHost.lockFolder(folder), folder);
  assert.ok(text.includes("another process is writing there"), text);
  unlock();
  unlock();
  (await denoHost.lockFolder(folder))();
});

testInFolder(
  "lockFolder() keeps other processes out until they end or are killed",
  async (folder) => {
    const runs = `${folder}/runs`;
    await denoHost.createFolder(runs);
    await whileRunning("hold", folder, async () => {
      const text = await refusal(denoHost.lockFolder(runs), runs);
      assert.ok(text.includes("another process is writing there"), text);
    });
    (await denoHost.lockFolder(runs))();
  },
);

testInFolder("lockFolder() removes what killed writers left, and nothing else", async (folder) => {
  const kept = [".cell.json.tmp", "cell.json.0123abcd.tmp", "cell.json"];
  const deep = `${folder}/cell/samples`;
  await Deno.mkdir(deep, { recursive: true });
  for (const place of [folder, deep]) {
    for (const name of [...kept, ".cell.json.0123abcd.tmp"]) {
      await Deno.writeTextFile(`${place}/${name}`, "");
    }
  }
  const others = `${folder}/others`;
  await Deno.mkdir(others);
  const unlock = await denoHost.lockFolder(others);
  await Deno.writeTextFile(`${others}/.cell.json.0123abcd.tmp`, "");
  (await denoHost.lockFolder(folder))();
  assert.deepEqual(await names(folder), [...kept, ".lock", "cell", "others"].sort());
  assert.deepEqual(await names(deep), kept.toSorted());
  assert.deepEqual(await names(others), [".cell.json.0123abcd.tmp", ".lock"]);
  unlock();
});

testInFolder("lockFolder() refuses a folder that is not there", async (folder) => {
  const path = `${folder}/none`;
  const text = await refusal(denoHost.lockFolder(path), path);
  assert.ok(text.includes("cannot be locked: no such file or folder"), text);
});

testInFolder("list() sorts folders and files apart and leaves out hidden ones", async (folder) => {
  for (const name of ["b", "B", "a10", "a9"]) await denoHost.createFolder(`${folder}/${name}`);
  for (const name of ["z.csv", "y.json", ".hidden"]) {
    await denoHost.writeAtomic(`${folder}/${name}`, "");
  }
  assert.deepEqual(await denoHost.list(folder), {
    folders: ["B", "a10", "a9", "b"],
    files: ["y.json", "z.csv"],
  });
  assert.deepEqual(await denoHost.list(`${folder}/none`), { folders: [], files: [] });
  await refusal(denoHost.list(`${folder}/z.csv`), `${folder}/z.csv`);
});

testInFolder("reading what is not there", async (folder) => {
  const path = `${folder}/none`;
  assert.equal(await denoHost.exists(path), false);
  assert.equal(await denoHost.files.size(path), undefined);
  assert.equal(await denoHost.files.size(folder), undefined);
  const text = await refusal(denoHost.readText(path), path);
  assert.equal(text, `${path}: cannot be read: no such file or folder. Check the path.`);
  await refusal(denoHost.files.read(path), path);
  await denoHost.writeAtomic(path, "");
  assert.equal(await denoHost.exists(`${path}/below`), false);
});

testInFolder("the host works with the tasks' permissions", async (folder) => {
  const found = await answer("everything", folder);
  const { cpu, ...rest } = found.answer as { cpu: string };
  assert.deepEqual(rest, {
    run: { folders: [], files: ["cell.json", "metrics.csv"] },
    site: { folders: [], files: ["index.html"] },
    metrics: "step",
    size: 2,
  });
  assert.ok(cpu.length > 0);
  assert.equal(found.stderr, "");
});

testInFolder("writeAtomic() without the permission says which one is missing", async (folder) => {
  await Deno.mkdir(`${folder}/elsewhere`);
  const { answer: text } = await answer("outside", folder);
  assert.ok(
    String(text).startsWith(
      "elsewhere/cell.json: cannot be written: Deno was started without the permission for it.",
    ),
    String(text),
  );
  assert.deepEqual(await names(`${folder}/elsewhere`), []);
});

testInFolder("cpuModel() without the permission is unknown", async (folder) => {
  assert.equal((await answer("cpu", folder, [])).answer, "unknown CPU");
});

testInFolder(
  "openWebGpuQuietly() finds an adapter or none, and the driver is silent",
  async (folder) => {
    const { answer: name, stderr } = await answer("adapter", folder);
    assert.equal(typeof name, "string");
    assert.equal(stderr, "");
  },
);

testInFolder("openWebGpuQuietly() does its best without the permission", async (folder) => {
  const { answer: name } = await answer("adapter", folder, ["--allow-read"]);
  assert.notEqual(name, "NotCapable");
});

Deno.test("now() is a time in ISO 8601 and UTC", () => {
  assert.match(denoHost.now(), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

Deno.test("denoVersion() is the version of Deno", () => {
  assert.match(denoHost.denoVersion(), /^\d+\.\d+\.\d+/);
});
