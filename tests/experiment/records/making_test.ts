/** What a record says of a cell that was not made in one go by one device and one version. */
import assert from "node:assert/strict";
import { openCpu } from "../../../core/device/cpu.ts";
import type { WebGpuDevice } from "../../../core/device/webgpu.ts";
import { defineExperiment } from "../../../core/experiment/define.ts";
import { denoHost } from "../../../core/experiment/host.ts";
import type { Host } from "../../../core/experiment/host_interface.ts";
import { goOn, makingsOf } from "../../../core/experiment/records/making.ts";
import {
  type CellRecord,
  cellRecordSchema,
  readRecord,
  recordText,
} from "../../../core/experiment/records/record.ts";
import { DECLARATION, leftBehind, runTiny, testInFolder, Watch } from "../tiny.ts";

const asked = { arms: ["narrow"], seeds: [0] };

/** Another machine, with another Deno. */
const elsewhere: Host = {
  ...denoHost,
  cpuModel: () => "Another Processor",
  denoVersion: () => "9.9.9",
};

function recordOf(run: string): Promise<CellRecord> {
  return readRecord(denoHost, `${run}/narrow-s0/cell.json`, cellRecordSchema);
}

testInFolder(
  "a cell that goes on elsewhere says from which step, and comes to the same bits",
  async (folder) => {
    const whole = await runTiny(folder, asked);
    const { folder: run } = await runTiny(folder, { ...asked, watch: new Watch(1) });
    const first = await recordOf(run);
    assert.deepEqual(first.resumed, []);
    // Twice elsewhere is one change, and back again is another.
    for (const [host, steps] of [[elsewhere, 1], [elsewhere, 1], [denoHost, Infinity]] as const) {
      await runTiny(folder, { resume: run, host, watch: new Watch(steps) });
      const { device, versions } = await recordOf(run);
      assert.deepEqual([device, versions], [first.device, first.versions]);
    }
    const { resumed } = await recordOf(run);
    assert.deepEqual(
      resumed.map(({ step, device, versions }) => [step, device.name, versions["deno"]]),
      [[1, "Another Processor", "9.9.9"], [3, first.device.name, Deno.version.deno]],
    );
    for (const { started, digests } of resumed) {
      assert.ok(started >= first.started);
      const { code, shaders } = first.digests;
      assert.deepEqual(digests, { code, shaders });
    }
    const expected = await leftBehind(whole.folder, "narrow-s0");
    const found = await leftBehind(run, "narrow-s0");
    assert.deepEqual({ ...found, record: { ...found.record, resumed: [] } }, expected);
  },
);

testInFolder("a cell of which nothing was kept is made by what runs it now", async (folder) => {
  const { folder: run } = await runTiny(folder, { ...asked, watch: new Watch(1) });
  await Deno.remove(`${run}/narrow-s0/checkpoint.safetensors`);
  await runTiny(folder, { resume: run, host: elsewhere });
  const { device, versions, resumed } = await recordOf(run);
  assert.deepEqual(
    [device.name, versions, resumed],
    ["Another Processor", { deno: "9.9.9" }, []],
  );
});

testInFolder(
  "readings that are taken elsewhere are told too, other measures are not",
  async (folder) => {
    const { folder: run } = await runTiny(folder, asked);
    const withMeasures = (measures: Parameters<typeof defineExperiment>[0]["measures"]) =>
      defineExperiment({ ...DECLARATION, measures: { ...DECLARATION.measures, ...measures } });
    const loss = withMeasures({ loss: { measure: "loss", set: "test" } });
    await runTiny(folder, { experiment: loss, resume: run, host: elsewhere });
    assert.deepEqual((await recordOf(run)).resumed, []);
    const shifted = withMeasures({
      shifted: {
        measure: "accuracyUnder",
        changes: [{ change: "shift", right: 1, down: 0 }],
        images: 5,
      },
    });
    await runTiny(folder, { experiment: shifted, resume: run, host: elsewhere });
    const [entry, ...more] = (await recordOf(run)).resumed;
    assert.deepEqual([entry!.step, entry!.device.name, more], [12, "Another Processor", []]);
  },
);

testInFolder("no cell is made of an adapter's own arithmetic and of another", async (folder) => {
  const { folder: run } = await runTiny(folder, { ...asked, watch: new Watch(1) });
  const path = `${run}/narrow-s0/cell.json`;
  const record = await recordOf(run);
  const specific = { ...record.device, name: "Odd Adapter", spelling: "none" as const };
  const text = recordText({ ...record, device: specific });
  await Deno.writeTextFile(path, text);
  await assert.rejects(runTiny(folder, { resume: run }), {
    name: "DeviceError",
    message:
      /^cell narrow-s0 was begun on Odd Adapter and would go on on .*, but on Odd Adapter no/,
  });
  assert.equal(await Deno.readTextFile(path), text);

  const making = makingsOf(record)[0]!;
  assert.throws(() => goOn(record, { ...making, device: specific }, 3, "now"), {
    name: "DeviceError",
    message: /on Odd Adapter no spelling .* resume it on .+ \(--device cpu\), or start a new run$/,
  });
  const odd = { ...record, device: specific };
  const [own] = makingsOf(odd);
  assert.equal(goOn(odd, own!, 3, "now"), odd);
  const other = { ...own!, device: { ...specific, name: "Odder Adapter" } };
  assert.throws(() => goOn(odd, other, 3, "now"), /begun on Odd Adapter .* on Odder Adapter, but/);
});

testInFolder("a record from before resumes were told still reads", async (folder) => {
  const { folder: run } = await runTiny(folder, { ...asked, steps: 1 });
  const path = `${run}/narrow-s0/cell.json`;
  const { resumed: _, ...old } = JSON.parse(await Deno.readTextFile(path));
  await Deno.writeTextFile(path, JSON.stringify(old));
  assert.deepEqual((await recordOf(run)).resumed, []);
});

testInFolder(
  "a run whose bits are to be compared takes no adapter without a spelling",
  async (folder) => {
    const cpu = openCpu("inside");
    const adapter = {
      ...cpu,
      info: { ...cpu.info, kind: "webgpu", name: "Odd Adapter", spelling: "none" },
      probe: { spelling: "none" },
      limits: {},
    } as unknown as WebGpuDevice;
    const host = { ...denoHost, openWebGpuQuietly: () => Promise.resolve(adapter) };
    const options = { ...asked, steps: 1, host, device: "webgpu" } as const;
    await assert.rejects(runTiny(folder, { ...options, comparable: true }), {
      name: "DeviceError",
      message: /^on Odd Adapter no spelling .* take another device: --device cpu$/,
    });
    assert.deepEqual((await denoHost.list(folder)).folders, []);
    assert.ok((await runTiny(folder, options)).complete);
  },
);
