import assert from "node:assert/strict";
import { DeviceError } from "../../core/device/device.ts";
import { computation } from "../../core/experiment/arms/arm.ts";
import type { DeclarationError } from "../../core/experiment/declaration_error.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import type { Host } from "../../core/experiment/host_interface.ts";
import { type CellRecord, recordText } from "../../core/experiment/records/record.ts";
import { divergeDevices } from "../../core/reproduce/diverge_devices.ts";
import { divergeRecords } from "../../core/reproduce/diverge_records.ts";
import type { Divergence } from "../../core/reproduce/divergence.ts";
import { lockedCell, readCell } from "../../core/reproduce/recorded_cell.ts";
import { after, type Fault, machine } from "../diverge/planted.ts";
import { DECLARATION, runTiny, testInFolder, tiny } from "../experiment/tiny.ts";

const SOUND: Fault = () => undefined;

/** Adam is wrong by a bit from step 121 on. */
const LATE = after("adam", ([parameters, , , , scalars]) => {
  if (scalars![5]! < 2.97) parameters![3]! *= 1.0000001;
});

interface Made {
  readonly steps?: number;
  readonly seed?: number;
  readonly host?: Host;
  readonly set?: Readonly<Record<string, unknown>>;
}

/** Runs a cell of the narrow net, on the adapter of a host that is given, and returns its folder. */
async function made(folder: string, { steps = 12, seed = 0, host, set }: Made = {}) {
  const run = await runTiny(folder, {
    arms: ["narrow"],
    seeds: [seed],
    steps,
    set,
    ...(host ? { host, device: "webgpu" } : {}),
  });
  return `${run.folder}/narrow-s${seed}`;
}

async function diverge(a: string, b: string, host: Host = machine()): Promise<Divergence> {
  const none = { dataDirectories: [], told: () => {} };
  return await divergeRecords(host, await readCell(host, a), await readCell(host, b), none);
}

async function alter(folder: string, change: (record: CellRecord) => void): Promise<void> {
  const { record } = await readCell(denoHost, folder);
  change(record);
  await Deno.writeTextFile(`${folder}/cell.json`, recordText(record));
}

const NO_DIGEST = "0".repeat(64);

testInFolder("two trainings with the same chain have no difference", async (folder) => {
  const { chain, result, cell } = await diverge(await made(folder), await made(folder));
  assert.deepEqual([cell, chain], ["narrow-s0", { points: 2, same: 12 }]);
  assert.deepEqual(result, { outcome: "same", compared: "points", count: 2 });
});

testInFolder("a cell that has not gone so far is compared as far as it went", async (folder) => {
  const [whole, begun] = [await made(folder), await made(folder)];
  await alter(begun, ({ progress }) => progress.chain.pop());
  const { chain } = await diverge(whole, begun);
  assert.deepEqual(chain, { points: 1, same: 0 });
});

testInFolder(
  "a faulty adapter's cell is replayed from the last common point to the step, op and tensor",
  async (folder) => {
    const host = machine(LATE);
    const sound = await made(folder, { steps: 130 });
    const faulty = await made(folder, { steps: 130, host });
    const { a, b, chain, result } = await diverge(faulty, sound, host);
    assert.deepEqual(chain, { points: 2, same: 100, differs: 130 });
    assert.deepEqual(a, {
      name: faulty,
      locked: false,
      made: "webgpu, Test Adapter",
      device: "webgpu, Test Adapter",
    });
    assert.equal(b.device, "cpu, Test Processor");
    assert.ok(result.outcome === "found" && result.op, JSON.stringify(result));
    assert.equal(result.step, 121);
    const { label, tensors, agrees } = result.op;
    assert.deepEqual([label, agrees], ["adam/adam", "B"]);
    assert.deepEqual(tensors.map(({ name, shape, differing }) => ({ name, shape, differing })), [
      { name: "dense1/weights", shape: [784, 8], differing: 1 },
    ]);
    assert.deepEqual(tensors[0]!.elements[0]!.index, [0, 3]);
    assert.deepEqual(result.after.map(({ name }) => name), ["dense1/weights"]);
  },
);

/** From step 6 on. */
const SOON = after("adam", ([parameters, , , , scalars]) => {
  if (scalars![5]! < 13.5) parameters![3]! *= 1.0000001;
});
const DIRECTION = after("rescale_rows", ([, , , , y]) => y![40] = 0.5);
const VIRTUAL = { virtual: { epsilon: 2, xi: 0.5, batch: 24 } };

for (
  const [what, set, fault, step, op] of [
    ["images without labels", VIRTUAL, SOON, 6, "adam/adam"],
    ["images without labels", VIRTUAL, DIRECTION, 1, "virtual/rescale_rows"],
    ["near-copies", { poison: { how: "near-copies", share: 0.5 } }, SOON, 6, "adam/adam"],
    ["flipped labels", { poison: { how: "flipped labels", share: 0.5 } }, SOON, 6, "adam/adam"],
  ] as const
) {
  testInFolder(
    `a cell that learns from ${what} is replayed to the step and the op: ${op}`,
    async (folder) => {
      const host = machine(fault);
      const fields = { subset: 32, ...set };
      const [faulty, sound] = [
        await made(folder, { host, set: fields }),
        await made(folder, { set: fields }),
      ];
      const { chain, result } = await diverge(faulty, sound, host);
      assert.deepEqual(chain, { points: 1, same: 0, differs: 12 });
      assert.ok(result.outcome === "found" && result.op, JSON.stringify(result));
      assert.deepEqual([result.step, result.op.label, result.op.agrees], [step, op, "B"]);
      const plain = (await readCell(host, await made(folder, { set: { subset: 32 } }))).record;
      const { record } = await readCell(host, sound);
      assert.notEqual(record.progress.chain[1]![1], plain.progress.chain[1]![1]);
    },
  );
}

testInFolder(
  "a fault that cannot be made again is said, and whose digest the cpu device gives",
  async (folder) => {
    const drawn = after("random", ([, , y]) => y![0] = 1);
    const [faulty, sound] = [await made(folder, { host: machine(drawn) }), await made(folder)];
    await alter(faulty, ({ digests }) => digests.code = NO_DIGEST);
    const { a, chain, result } = await diverge(faulty, sound, machine(SOUND, "Another Adapter"));
    assert.equal(a.note, "was made on Test Adapter; the adapter here is Another Adapter");
    assert.deepEqual(chain, { points: 0, differs: 0 });
    assert.ok(result.outcome === "not again");
    assert.equal(result.cpu, "B");
    const { code } = (await readCell(denoHost, sound)).record.digests;
    assert.deepEqual(result.origins, [{ what: "code", a: NO_DIGEST, b: code, here: code }]);
  },
);

testInFolder(
  "of a digest that was changed by hand the cpu device gives the other",
  async (folder) => {
    const [a, b] = [await made(folder), await made(folder)];
    const change = (digest: string) => ({ progress }: CellRecord) => progress.chain[1]![1] = digest;
    await alter(b, change(NO_DIGEST));
    assert.deepEqual((await diverge(a, b)).result, { outcome: "not again", cpu: "A", origins: [] });
    await alter(a, change("1".repeat(64)));
    const { result } = await diverge(a, b);
    assert.ok(result.outcome === "not again" && result.cpu === "neither");
  },
);

testInFolder("chains whose common part does not come out are of other code", async (folder) => {
  const [a, b] = [await made(folder), await made(folder)];
  const { progress: { chain } } = (await readCell(denoHost, a)).record;
  for (const [at, digest] of [[a, "1".repeat(64)], [b, "2".repeat(64)]] as const) {
    await alter(at, ({ digests, progress }) => {
      digests.shaders = NO_DIGEST;
      progress.chain = [[0, NO_DIGEST], [12, digest]];
    });
  }
  const { result } = await diverge(a, b);
  assert.ok(result.outcome === "other code");
  const { step, expected, found, origins } = result;
  assert.deepEqual([step, expected, found], [0, NO_DIGEST, chain[0]![1]]);
  assert.deepEqual(origins.map(({ what }) => what), ["shaders"]);
});

testInFolder(
  "a training that diverged is followed to the step, since the other went on",
  async (folder) => {
    // What a step leaves that is not finite is seen by the next one's loss.
    const lost = after("adam", ([parameters, , , , scalars]) => {
      if (scalars![5]! < 13.5) parameters!.fill(NaN);
    });
    const host = machine(lost);
    const [faulty, sound] = [await made(folder, { host }), await made(folder)];
    const { chain, result } = await diverge(faulty, sound, host);
    assert.deepEqual(chain, { points: 1, same: 0, differs: 7, diverged: "A" });
    assert.ok(result.outcome === "found" && result.op, JSON.stringify(result));
    assert.deepEqual([result.step, result.op.label, result.op.agrees], [6, "adam/adam", "B"]);

    const again = await diverge(sound, faulty, machine(SOUND));
    assert.equal(again.chain!.diverged, "B");
    assert.deepEqual(again.result, { outcome: "not again", cpu: "A", origins: [] });
    const { result: same } = await diverge(faulty, faulty, host);
    assert.equal(same.outcome, "same");
  },
);

testInFolder(
  "a training that diverges on every device is told from a changed end",
  async (folder) => {
    const lost = { "optimiser.learningRate": 1e38 };
    const [diverged, changed] = [
      await made(folder, { set: lost }),
      await made(folder, { set: lost }),
    ];
    const { record } = await readCell(denoHost, diverged);
    assert.equal(record.status, "diverged");
    const differs = record.progress.step + 1;
    await alter(changed, (record) => {
      record.status = "finished";
      record.progress.step = 12;
    });
    const { chain, result } = await diverge(changed, diverged);
    assert.deepEqual([chain!.differs, chain!.diverged], [differs, "B"]);
    assert.deepEqual(result, { outcome: "not again", cpu: "B", origins: [] });
  },
);

testInFolder("cells of another configuration are refused by their fields", async (folder) => {
  const one = await made(folder);
  const refused = async (made: Promise<string>, words: string) => {
    const other = await made;
    await assert.rejects(diverge(one, other), (error: DeclarationError) => {
      assert.equal(error.name, "DeclarationError");
      assert.ok(error.message.includes(words), error.message);
      return true;
    });
  };
  await refused(made(folder, { seed: 1 }), "seed is 0 in A and 1 in B");
  await refused(made(folder, { steps: 8 }), "steps is 12 in A and 8 in B");
  await refused(
    made(folder, { set: { "optimiser.learningRate": 0.5 } }),
    "A and B are not two trainings of one cell: optimiser.learningRate is 0.01 in A and 0.5 in B",
  );
  const others = await made(folder);
  await alter(others, ({ digests }) => digests.data = NO_DIGEST);
  await refused(Promise.resolve(others), 'and "000000000000" in B');
});

testInFolder("a record that was changed by hand is refused", async (folder) => {
  const [a, b] = [await made(folder), await made(folder)];
  const saved = await Deno.readTextFile(`${b}/cell.json`);
  for (
    const [change, words] of [
      [({ progress }) => progress.chain = [], "has no weight digest yet"],
      [({ progress }) => progress.chain = [[12, NO_DIGEST], [0, NO_DIGEST]], "must ascend from"],
      [({ progress }) => progress.step = 1e9, "is at step 1000000000 of 12"],
      [({ progress }) => progress.chain[1]![0] = 1e9, "to at most 12, but has steps 0, 1000000000"],
    ] as const satisfies readonly (readonly [(record: CellRecord) => void, string])[]
  ) {
    await Deno.writeTextFile(`${b}/cell.json`, saved);
    await alter(b, change);
    await assert.rejects(diverge(a, b), { name: "DeclarationError", message: RegExp(words) });
  }
  await Deno.writeTextFile(`${b}/cell.json`, saved);
  await alter(a, ({ config }) => config["batch"] = 1e9);
  await assert.rejects(diverge(a, b), /config of narrow-s0: expected that of config digest/);
});

testInFolder("without its adapter a cell is not trained again, a locked one is", async (folder) => {
  const experiments = `${folder}/experiments`;
  const host = machine(after("adam", ([parameters]) => parameters![0] = 0.5));
  const [faulty, sound] = [await made(folder, { host }), await made(folder)];
  await assert.rejects(diverge(faulty, sound), {
    name: "DeviceError",
    message: "A was trained on Test Adapter, and it takes an adapter to train it again: no adapter",
  });
  const own = await readCell(denoHost, sound);
  await assert.rejects(lockedCell(denoHost, experiments, own), /there is no experiment "tiny"/);
  await Deno.mkdir(`${experiments}/tiny/locked/quick`, { recursive: true });
  await assert.rejects(lockedCell(denoHost, experiments, own), /nothing is locked there/);
  const { record } = await readCell(denoHost, faulty);
  const lock = {
    format: 1,
    experiment: "tiny",
    preset: "quick",
    created: "",
    commit: "0".repeat(40),
    deno: "",
    dependencies: NO_DIGEST,
    files: {},
    cells: [record],
  };
  const at = `${experiments}/tiny/locked/quick`;
  await Deno.writeTextFile(`${at}/lock.json`, JSON.stringify(lock));
  const locked = await lockedCell(denoHost, experiments, own);
  assert.deepEqual(locked, { record, folder: at, locked: true });
  const none = { dataDirectories: [], told: () => {} };
  const { b, result } = await divergeRecords(machine(), own, locked, none);
  assert.equal(b.note, "was made on Test Adapter; no adapter is here, so cpu takes its place");
  assert.ok(result.outcome === "not again" && result.cpu === "A");
  await assert.rejects(lockedCell(denoHost, experiments, own, "standard"), /locked\/lock.json/);
  const other = { ...own, record: { ...own.record, id: "wide-s0" } };
  await assert.rejects(
    lockedCell(denoHost, experiments, other),
    /no cell wide-s0; it has narrow-s0/,
  );
});

testInFolder(
  "of cells that train no net the first measure that differs is named",
  async (folder) => {
    const experiment = defineExperiment({
      ...DECLARATION,
      arms: { sum: computation({}, () => ({ total: 6, parts: [1, 2, 3] })) },
      claims: [],
    });
    const sum = async () => `${(await runTiny(folder, { experiment })).folder}/sum-s0`;
    const [a, b] = [await sum(), await sum()];
    assert.deepEqual((await diverge(a, b)).result, {
      outcome: "same",
      compared: "measures",
      count: 2,
    });
    await alter(b, ({ measures }) => measures["parts"] = [1, 2, 4]);
    assert.deepEqual((await diverge(a, b)).result, {
      outcome: "measure",
      measure: "parts",
      a: [1, 2, 3],
      b: [1, 2, 4],
    });
    for (const at of [a, b]) await alter(at, (record) => record.measures = {});
    await assert.rejects(diverge(a, b), /sum-s0 has no measure yet/);
  },
);

testInFolder("data other than a cell's are refused", async (folder) => {
  const [a, b] = [await made(folder), await made(folder)];
  for (const [at, digest] of [[a, "1".repeat(64)], [b, "2".repeat(64)]] as const) {
    await alter(at, ({ digests, progress }) => {
      digests.data = NO_DIGEST;
      progress.chain[1]![1] = digest;
    });
  }
  await assert.rejects(diverge(a, b), {
    name: "DataError",
    message: /expected the data of digest 0000/,
  });
});

const asked = {
  experiment: tiny,
  preset: "quick",
  steps: 5,
  dataDirectories: [],
  told: () => {},
} as const;

Deno.test("a cell is trained on two devices, as far as it goes", async () => {
  const onBoth = (steps: number) =>
    divergeDevices(machine(SOUND), ["cpu", "webgpu"], { ...asked, steps, cell: "narrow-s0" });
  const { a, b, result, chain } = await onBoth(5);
  assert.deepEqual([a.device, b.device], ["cpu, Test Processor", "webgpu, Test Adapter"]);
  assert.deepEqual([result, chain], [{ outcome: "same", compared: "steps", count: 5 }, undefined]);
  assert.deepEqual((await onBoth(100)).result, { outcome: "same", compared: "steps", count: 12 });
});

Deno.test("two devices that differ are told by step, op and tensor", async () => {
  const fault = after("sgd", ([parameters]) => parameters![9] = 0.25);
  const { result } = await divergeDevices(machine(fault), ["webgpu", "cpu"], {
    ...asked,
    cell: "linear-s0",
  });
  assert.ok(result.outcome === "found" && result.op);
  assert.deepEqual([result.step, result.op.label, result.op.agrees], [1, "sgd/sgd", "B"]);
});

Deno.test("two devices need an adapter, and a cell that trains a net", async () => {
  const on = (cell: string, host = machine()) =>
    divergeDevices(host, ["cpu", "webgpu"], { ...asked, cell });
  await assert.rejects(on("narrow-s0"), DeviceError);
  await assert.rejects(on("narow-s0"), /there is no cell "narow-s0"; did you mean "narrow-s0"/);
  const experiment = defineExperiment({
    ...DECLARATION,
    arms: { sum: computation({}, () => ({ total: 6 })) },
    claims: [],
  });
  await assert.rejects(
    divergeDevices(machine(), ["cpu", "cpu"], { ...asked, experiment, cell: "sum-s0" }),
    /cell sum-s0 trains no net/,
  );
});
