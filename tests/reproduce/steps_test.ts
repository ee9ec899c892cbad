import assert from "node:assert/strict";
import { defineExperiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import { packBatches, reproduceBatches, reproduceSteps } from "../../core/reproduce/steps.ts";
import { decodeSafetensors, encodeSafetensors } from "../../core/train/checkpoint.ts";
import { testInFolder } from "../experiment/tiny.ts";
import { lockAs, otherDigestAt } from "./lock_as.ts";
import { leftByLong, LONG, long, runLong, SOURCES } from "./long_run.ts";

const OPTIONS = { ...SOURCES, preset: "standard", device: "cpu" } as const;

/** Counts what a check tells. */
class Heard {
  last = NaN;
  steps = 0;
  readonly devices: string[] = [];
  readonly watcher = {
    found: (_: unknown, last: number) => void (this.last = last),
    chosen: ({ device }: { device: { info: { kind: string } } }) =>
      void this.devices.push(device.info.kind),
    stepped: (step: number) => void (this.steps = step),
  };
}

async function locked(folder: string, cells: readonly CellRecord[]) {
  return { host: denoHost, experiment: long, experiments: await lockAs(folder, cells) };
}

testInFolder(
  "--steps checks the first seed of the main arm as far as its digests go",
  async (folder) => {
    const source = await locked(folder, leftByLong());
    const heard = new Heard();
    const check = (steps: number) => reproduceSteps(source, OPTIONS, steps, heard.watcher);
    const texts = new Map([
      [100, "A: first 100 of 250 steps, 1 of 6 cells"],
      [199, "A: first 100 of 250 steps, 1 of 6 cells"],
      [200, "A: first 200 of 250 steps, 1 of 6 cells"],
      [9999, "A: 250 of 250 steps, 1 of 6 cells"],
    ]);
    for (const [steps, text] of texts) {
      const { answer, comparison } = await check(steps);
      assert.equal(answer.text, text);
      assert.equal(answer.whole, false);
      assert.equal(comparison.id, "narrow-s0");
      assert.equal(heard.last, comparison.steps);
      assert.equal(heard.steps, comparison.steps);
    }
    assert.deepEqual(heard.devices, ["cpu", "cpu", "cpu", "cpu"]);
    await assert.rejects(check(99), {
      name: "DeclarationError",
      message:
        "the first 99 steps of narrow-s0 end before its first locked weight digest, at step " +
        "100; ask for at least --steps 100",
    });
  },
);

testInFolder("first steps that differ name the step, and stop there", async (folder) => {
  const cells = leftByLong();
  otherDigestAt(cells[0]!, 100);
  const heard = new Heard();
  const { answer } = await reproduceSteps(await locked(folder, cells), OPTIONS, 200, heard.watcher);
  assert.deepEqual(answer, {
    tier: "failed",
    whole: false,
    text: "failed: first 200 of 250 steps, 1 of 6 cells",
    reasons: [
      "narrow-s0: other weights at step 100; the same at step 0",
      "of first steps only bits are compared",
    ],
  });
  assert.equal(heard.steps, 100);
});

testInFolder("first steps are not compared with an adapter's own bits", async (folder) => {
  const cells = leftByLong();
  cells[0]!.device = { kind: "webgpu", name: "Odd", class: "discrete", spelling: "none" };
  const source = await locked(folder, cells);
  await assert.rejects(reproduceSteps(source, OPTIONS, 100, new Heard().watcher), {
    name: "DeviceError",
    message: /^on Odd no spelling .* the lock was made there/,
  });
});

testInFolder("batches are trained on where the data are not", async (folder) => {
  const source = await locked(folder, leftByLong());
  const file = `${folder}/out/batches.safetensors`;
  const { cell, steps, bytes } = await packBatches(source, OPTIONS, file, undefined);
  assert.deepEqual([cell, steps], ["narrow-s0", 100]);
  assert.equal((await Deno.stat(file)).size, bytes);

  const nowhere = { preset: "standard", device: "cpu", dataDirectories: [] } as const;
  const { answer } = await reproduceBatches(source, nowhere, file, new Heard().watcher);
  assert.equal(answer.tier, "A");
  assert.equal(answer.text, "A for these batches: first 100 of 250 steps, 1 of 6 cells");

  await assert.rejects(packBatches(source, OPTIONS, file, 9999), /is there already/);
  assert.equal((await Deno.stat(file)).size, bytes);
  const whole = `${folder}/out/whole.safetensors`;
  const more = await packBatches(source, OPTIONS, whole, 9999);
  assert.equal(more.steps, 250);
  const all = await reproduceBatches(source, nowhere, whole, new Heard().watcher);
  assert.equal(all.answer.text, "A for these batches: 250 of 250 steps, 1 of 6 cells");
  await assert.rejects(
    packBatches(source, OPTIONS, `${folder}/few`, 99),
    /ask for at least --steps 100/,
  );
});

testInFolder("batches of standardised images bring the numbers of that along", async (folder) => {
  const { narrow, linear } = LONG.arms;
  const experiment = defineExperiment({
    ...LONG,
    arms: { narrow: { ...narrow, subset: 48, pixels: "standardised" }, linear },
    presets: { ...LONG.presets, standard: { seeds: 1, steps: 100, arms: ["narrow"] } },
  });
  const cells = await runLong(folder, experiment);
  const source = { host: denoHost, experiment, experiments: await lockAs(folder, cells) };
  const file = `${folder}/batches.safetensors`;
  await packBatches(source, OPTIONS, file, undefined);
  const nowhere = { preset: "standard", device: "cpu", dataDirectories: [] } as const;
  const check = () => reproduceBatches(source, nowhere, file, new Heard().watcher);
  assert.equal((await check()).answer.tier, "A");

  const { tensors, metadata } = parts(await Deno.readFile(file));
  const write = (changed: ReturnType<typeof parts>["tensors"]) => {
    const named = [...changed].map(([name, tensor]) => ({ name, ...tensor }));
    return Deno.writeFile(file, encodeSafetensors(named, metadata));
  };
  const refused = (message: RegExp) =>
    assert.rejects(check(), { name: "CheckpointError", message });
  const mean = tensors.get("pixels/mean")!;
  await write(new Map(tensors).set("pixels/mean", { ...mean, data: Float32Array.of(0.5) }));
  assert.equal((await check()).answer.tier, "failed");
  const deviation = { ...mean, data: Float32Array.of(0) };
  await write(new Map(tensors).set("pixels/deviation", deviation));
  await refused(
    /"pixels\/deviation" must be f32 \[1\], the standard deviations of their channels'/,
  );
  await write(new Map(tensors).set("more", mean));
  await refused(/labels and pixels\/mean and pixels\/deviation, found 5 tensors/);
  await write(new Map([...tensors].filter(([name]) => !name.startsWith("pixels/"))));
  await refused(/the images were standardised, and "pixels\/mean" must be f32 \[1\]/);
});

testInFolder(
  "batches hold the poison of an arm, and what it learns from without labels",
  async (folder) => {
    const { narrow, linear } = LONG.arms;
    const poisons = ["near-copies", "flipped labels"] as const;
    const others = [
      ...poisons.map((how) => ({ poison: { how, share: 0.5 } })),
      { virtual: { epsilon: 2, xi: 0.5, batch: 24 } },
    ];
    const nowhere = { preset: "standard", device: "cpu", dataDirectories: [] } as const;
    for (const [i, fields] of others.entries()) {
      const experiment = defineExperiment({
        ...LONG,
        arms: { narrow: { ...narrow, subset: 32, ...fields }, linear },
        presets: { ...LONG.presets, standard: { seeds: 1, steps: 100, arms: ["narrow"] } },
      });
      const runs = `${folder}/${i}`;
      const cells = await runLong(runs, experiment);
      const source = { host: denoHost, experiment, experiments: await lockAs(runs, cells) };
      const steps = await reproduceSteps(source, OPTIONS, 100, new Heard().watcher);
      assert.equal(steps.answer.tier, "A");
      const file = `${runs}/batches.safetensors`;
      await packBatches(source, OPTIONS, file, undefined);
      const { answer } = await reproduceBatches(source, nowhere, file, new Heard().watcher);
      assert.equal(answer.tier, "A");
      const { tensors } = parts(await Deno.readFile(file));
      assert.deepEqual(tensors.get("labels")!.shape, ["virtual" in fields ? 4000 : 1600]);
    }
  },
);

/** Writes batches, changes the file, and answers with what comes of it. */
async function changed(
  folder: string,
  change: (file: ReturnType<typeof parts>) => void,
  cells = leftByLong(),
) {
  const file = await Deno.makeTempDir({ dir: folder }) + "/batches.safetensors";
  const source = await locked(folder, leftByLong());
  await packBatches(source, OPTIONS, file, undefined);
  const made = parts(await Deno.readFile(file));
  change(made);
  const tensors = [...made.tensors].map(([name, tensor]) => ({ name, ...tensor }));
  await Deno.writeFile(file, encodeSafetensors(tensors, made.metadata));
  return await reproduceBatches(await locked(folder, cells), OPTIONS, file, new Heard().watcher);
}

function parts(bytes: Uint8Array) {
  const { tensors, metadata } = decodeSafetensors(bytes, "batches");
  return { tensors: new Map(tensors), metadata: { ...metadata } };
}

testInFolder("batches with one other pixel come to other weights", async (folder) => {
  const { answer } = await changed(folder, ({ tensors }) => {
    tensors.get("images")!.data[784 / 4 * 16 * 50 + 100]! ^= 0x40;
  });
  assert.equal(answer.tier, "failed");
  assert.equal(answer.reasons[0], "narrow-s0: other weights at step 100; the same at step 0");
});

testInFolder("batches of another experiment, preset or cell are refused", async (folder) => {
  for (
    const [key, value] of [["experiment", "cnn"], ["preset", "lecture"], ["cell", "linear-s0"]]
  ) {
    await assert.rejects(changed(folder, ({ metadata }) => metadata[key!] = value!), {
      name: "DeclarationError",
      message: /holds batches of ".*", expected those of "narrow-s0 of tiny at standard"; name /,
    });
  }
});

testInFolder("batches for another lock are refused: the lock decides", async (folder) => {
  const other = "f".repeat(64);
  for (const key of ["config", "data"]) {
    await assert.rejects(changed(folder, ({ metadata }) => metadata[key] = other), {
      name: "OutOfDateError",
      message: new RegExp(`written for another lock: the ${key} digest of narrow-s0 is "${other}"`),
    });
  }
  // A chain that the file's author would like, and a lock that was made since.
  const chains = [
    (metadata: Record<string, string>) =>
      metadata["chain"] = JSON.stringify([[0, other], [100, other]]),
    (metadata: Record<string, string>) => metadata["chain"] = "[]",
    (metadata: Record<string, string>) =>
      metadata["chain"] = JSON.stringify(JSON.parse(metadata["chain"]!).slice(1)),
  ];
  for (const change of chains) {
    await assert.rejects(changed(folder, ({ metadata }) => void change(metadata)), {
      name: "OutOfDateError",
      message: /the chain of weight digests of narrow-s0 is .* there, .* locked/,
    });
  }
  const since = leftByLong();
  otherDigestAt(since[0]!, 100);
  await assert.rejects(changed(folder, () => {}, since), { name: "OutOfDateError" });
});

testInFolder("a file of batches that is cut, or says wrong sizes, is refused", async (folder) => {
  const refused = (change: Parameters<typeof changed>[1], words: RegExp) =>
    assert.rejects(changed(folder, change), { name: "CheckpointError", message: words });
  const u32 = (shape: number[], fill = 0) => ({
    shape,
    data: new Uint32Array(shape.reduce((a, b) => a * b, 1)).fill(fill),
  });
  await refused(
    ({ tensors }) => tensors.set("images", u32([1601, 196])),
    /images of shape \[1600,196\]/,
  );
  await refused(({ tensors }) => tensors.set("images", u32([1600, 195])), /found \[1600,195\]/);
  await refused(({ tensors }) => tensors.set("labels", u32([1599])), /labels of shape \[1600\]/);
  await refused(
    ({ tensors }) => tensors.set("labels", u32([1600], 10)),
    /labels below 10, found 10/,
  );
  await refused(
    ({ tensors }) => tensors.set("more", u32([1])),
    /the tensors images and labels, found 3/,
  );
  await refused(({ tensors }) => tensors.delete("labels"), /labels of .*, found no such tensor/);
  await refused(
    ({ tensors }) => tensors.set("labels", { shape: [1600], data: new Float32Array(1600) }),
    /labels of shape \[1600\] in whole numbers, found other numbers/,
  );
  await refused(({ metadata }) => metadata["chain"] = "{", /holds no batches of this version/);
  await refused(({ metadata }) => metadata["format"] = "2", /holds no batches of this version/);
  await refused(({ metadata }) => delete metadata["cell"], /holds no batches of this version/);

  const source = await locked(folder, leftByLong());
  const file = `${folder}/packed/batches.safetensors`;
  const read = () => reproduceBatches(source, OPTIONS, file, new Heard().watcher);
  await packBatches(source, OPTIONS, file, undefined);
  await Deno.truncate(file, 700_000);
  await assert.rejects(read(), { name: "CheckpointError", message: /damaged, cut short/ });
  // Many more images than the cell has steps for: refused by its size, before it is read.
  await Deno.truncate(file, 5_000_000_000);
  await assert.rejects(read(), {
    name: "CheckpointError",
    message: /expected at most 4\.2 MB, what the batches of narrow-s0 can take, found 5\.0 GB/,
  });
  await Deno.remove(file);
  await assert.rejects(read(), { name: "HostError", message: /no such file/ });
});
