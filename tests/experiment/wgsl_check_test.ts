import assert from "node:assert/strict";
import { openCpu } from "../../core/device/cpu.ts";
import { DeviceError } from "../../core/device/device.ts";
import type { WebGpuDevice } from "../../core/device/webgpu.ts";
import { computation } from "../../core/experiment/arms/arm.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import { chooseDevice } from "../../core/experiment/device_choice.ts";
import { denoHost } from "../../core/experiment/host.ts";
import type { Host } from "../../core/experiment/host_interface.ts";
import { nearestNeighbour } from "../../core/experiment/arms/nearest_neighbour.ts";
import { timing } from "../../core/experiment/arms/timing.ts";
import { transfer } from "../../core/experiment/arms/transfer.ts";
import { sum } from "../../core/ops/sum.ts";
import { DECLARATION, runTiny, testInFolder } from "./tiny.ts";

type Class = "discrete" | "software";

/** The cpu device in an adapter's clothes; one that is wrong changes the first number of each read. */
class Adapter implements WebGpuDevice {
  readonly limits = {};
  readonly info;
  readonly probe;
  closed = 0;

  constructor(of: Class, readonly wrong = false, spelling: "plain" | "none" = "plain") {
    this.info = { kind: "webgpu", name: "Test Adapter", class: of, spelling } as const;
    const facts = { fuses: false, reassociates: false, flushesSubnormals: false };
    this.probe = { spelling, ...facts };
  }

  async load(programs: Parameters<WebGpuDevice["load"]>[0]) {
    const memory = await openCpu("inside").load(programs);
    if (!this.wrong) return memory;
    const { read } = memory;
    return {
      ...memory,
      async read(...place: Parameters<typeof read>) {
        const view = await read(...place);
        view[0] = view[0]! + 1;
        return view;
      },
    };
  }

  close() {
    this.closed++;
  }
}

/** A machine with this adapter, or with none. */
function machine(adapter?: Adapter): Host {
  return {
    ...denoHost,
    cpuModel: () => "Test Processor",
    openWebGpuQuietly: () =>
      adapter ? Promise.resolve(adapter) : Promise.reject(new DeviceError("no adapter")),
  };
}

Deno.test("auto takes a GPU on which the contract holds", async () => {
  const adapter = new Adapter("discrete");
  assert.deepEqual(await chooseDevice(machine(adapter), "auto"), {
    device: adapter,
    note: "a GPU on which the arithmetic contract holds",
  });
});

for (
  const [what, adapter, why] of [
    ["a software adapter", new Adapter("software"), "is a software adapter, taken only with --dev"],
    [
      "a GPU without a spelling",
      new Adapter("discrete", false, "none"),
      "no spelling of the arithmeti",
    ],
  ] as const
) {
  Deno.test(`auto takes the cpu device over ${what}, and keeps that for the WGSL check`, async () => {
    const { device, note, spare } = await chooseDevice(machine(adapter), "auto");
    assert.deepEqual([device.info.kind, device.info.name], ["cpu", "Test Processor"]);
    assert.ok(note.includes("Test Adapter") && note.includes(why), note);
    assert.equal(spare, adapter);
  });
}

Deno.test("auto takes the cpu device where there is no adapter, webgpu refuses", async () => {
  const { device, note, spare } = await chooseDevice(machine(), "auto");
  assert.deepEqual(
    [device.info.kind, note, spare],
    ["cpu", "no WebGPU adapter found; a GPU would be faster", undefined],
  );
  await assert.rejects(chooseDevice(machine(), "webgpu"), DeviceError);
});

Deno.test("webgpu takes any adapter, and says loudly where the contract does not hold", async () => {
  const software = new Adapter("software");
  assert.deepEqual(await chooseDevice(machine(software), "webgpu"), {
    device: software,
    note: "asked for",
  });
  const { note } = await chooseDevice(machine(new Adapter("discrete", false, "none")), "webgpu");
  assert.match(note, /NO SPELLING OF THE ARITHMETIC CONTRACT HOLDS HERE.*adapter-specific/);
});

const one = { device: "auto", arms: ["linear"], seeds: [0] } as const;

testInFolder(
  "a cpu run ends with its first steps on the spare adapter: same bits",
  async (folder) => {
    const adapter = new Adapter("software");
    const { wgsl, cells } = await runTiny(folder, { ...one, host: machine(adapter) });
    assert.deepEqual(wgsl, {
      same: true,
      text: "WGSL checked on Test Adapter: same bits (3 steps of linear-s0)",
    });
    assert.deepEqual(cells[0]!.device, {
      kind: "cpu",
      name: "Test Processor",
      class: "software",
      spelling: "plain",
      threads: navigator.hardwareConcurrency,
    });
    assert.equal(adapter.closed, 1);
  },
);

testInFolder("a spare adapter with other bits is named, and the run stands", async (folder) => {
  const host = machine(new Adapter("software", true));
  const { wgsl, complete } = await runTiny(folder, { ...one, steps: 2, host });
  assert.ok(complete);
  assert.equal(wgsl!.same, false);
  assert.match(wgsl!.text, /^WGSL CHECKED ON Test Adapter: OTHER BITS \(2 steps of linear-s0\)/);
});

testInFolder("without an adapter a cpu run says so, and what to install", async (folder) => {
  const { wgsl } = await runTiny(folder, { ...one, host: machine() });
  assert.match(wgsl!.text, /^no WebGPU adapter: WGSL not run; .*mesa-vulkan-drivers$/);
});

testInFolder("a run on an adapter needs no check", async (folder) => {
  const adapter = new Adapter("discrete");
  const { wgsl, cells } = await runTiny(folder, { ...one, host: machine(adapter) });
  assert.equal(wgsl, undefined);
  assert.equal(cells[0]!.device.kind, "webgpu");
  assert.equal(adapter.closed, 1);
});

for (const [wrong, found] of [[false, "same bits"], [true, "OTHER BITS"]] as const) {
  testInFolder(`a computation is checked as a whole: ${found}`, async (folder) => {
    const experiment = defineExperiment({
      ...DECLARATION,
      arms: {
        sum: computation({ numbers: [1, 2, 3] }, async (lab, { numbers }) => {
          const { total } = await lab.run((graph) => ({
            total: sum(graph.constant(Float32Array.from(numbers), [numbers.length])),
          }));
          return { total: total.data[0]! };
        }),
      },
      claims: [],
    });
    const host = machine(new Adapter("software", wrong));
    const { wgsl, cells } = await runTiny(folder, { device: "auto", experiment, host });
    assert.deepEqual(cells[0]!.measures, { total: 6 });
    assert.equal(wgsl!.same, !wrong);
    assert.ok(wgsl!.text.includes(`${found} (sum-s0)`), wgsl!.text);
  });
}

for (const [wrong, found] of [[false, "same bits"], [true, "OTHER BITS"]] as const) {
  testInFolder(`nearest neighbours are checked on a batch: ${found}`, async (folder) => {
    const arms = {
      neighbour: nearestNeighbour({ data: "mnist", metric: "l1", trainImages: 50, testImages: 30 }),
    };
    const experiment = defineExperiment({ ...DECLARATION, arms, claims: [] });
    const host = machine(new Adapter("software", wrong));
    const { wgsl } = await runTiny(folder, { device: "auto", experiment, host });
    assert.equal(wgsl!.same, !wrong);
    const what = "a batch of neighbour-s0-images=0_29";
    assert.ok(wgsl!.text.includes(`${found} (${what})`), wgsl!.text);
  });
}

for (const [wrong, found] of [[false, "same bits"], [true, "OTHER BITS"]] as const) {
  testInFolder(`a timing is checked on steps of its first arm: ${found}`, async (folder) => {
    const { linear, narrow } = DECLARATION.arms;
    const experiment = defineExperiment({
      ...DECLARATION,
      arms: { linear, narrow, times: timing({ arms: ["linear", "narrow"], rounds: 1 }) },
      claims: [],
    });
    const host = machine(new Adapter("software", wrong));
    const { wgsl } = await runTiny(folder, { device: "auto", experiment, host, arms: ["times"] });
    assert.equal(wgsl!.same, !wrong);
    assert.ok(wgsl!.text.includes(`${found} (3 steps of linear)`), wgsl!.text);
  });
}

testInFolder("a transfer is checked on steps of its first source", async (folder) => {
  const { linear, narrow } = DECLARATION.arms;
  const shown = transfer({
    data: "mnist",
    sources: [{ arm: "narrow" }],
    targets: ["linear"],
    attack: { attack: "noise", epsilon: 0.1 },
    images: 10,
  });
  const experiment = defineExperiment({
    ...DECLARATION,
    arms: { linear, narrow, shown },
    claims: [],
  });
  const host = machine(new Adapter("software", false));
  const { wgsl } = await runTiny(folder, { device: "auto", experiment, host, arms: ["shown"] });
  assert.ok(wgsl!.text.includes("same bits (3 steps of narrow)"), wgsl!.text);
});
