/** What both devices promise alike. */
import assert from "node:assert/strict";
import { type Device, DeviceError } from "../../core/device/device.ts";
import { assertSameBits, cpu, test, webGpu } from "../ops/harness.ts";
import { Numbers } from "../ops/numbers.ts";
import { training, twoSteps } from "./programs.ts";

const devices: Record<string, () => Promise<Device>> = {
  cpu: () => Promise.resolve(cpu),
  webgpu: webGpu,
};

for (const [kind, open] of Object.entries(devices)) {
  test(`${kind}: buffers start as zero, and write() and read() take offsets and lengths`, async () => {
    const program = twoSteps(200);
    const memory = await (await open()).load([program]);
    assert.deepEqual(await memory.read("y"), new Float32Array(200));
    memory.write("x", new Float32Array([1, 2, 3]), 100);
    memory.run(program);
    assert.deepEqual([...await memory.read("y", 99, 4)], [0, 1, 4, 9]);
    assert.deepEqual([...await memory.read("y", 198)], [0, 0]);
    assert.equal((await memory.read("y")).length, 200);
    memory.close();
  });

  test(`${kind}: write() takes a part of a larger array`, async () => {
    const memory = await (await open()).load([twoSteps(4)]);
    const numbers = new Float32Array([1, 2, 3, 4, 5, 6]);
    memory.write("x", numbers.subarray(2, 4), 1);
    assert.deepEqual([...await memory.read("x")], [0, 3, 4, 0]);
    memory.close();
  });

  test(`${kind}: a write between two runs reaches only the second`, async () => {
    const program = training(2);
    const memory = await (await open()).load([program]);
    memory.write("rate", new Float32Array([1]));
    memory.write("gradients", new Float32Array([1, 10]));
    memory.run(program);
    memory.write("gradients", new Float32Array([100, 1000]));
    memory.run(program);
    assert.deepEqual([...await memory.read("weights")], [-101, -1010]);
    memory.close();
  });

  test(`${kind}: a u32 state is read as u32`, async () => {
    const program = training(2);
    const memory = await (await open()).load([program]);
    memory.write("step", new Uint32Array([0xfffffff0]));
    memory.run(program, 3);
    assert.deepEqual(await memory.read("step"), new Uint32Array([0xfffffff3]));
    memory.close();
  });

  test(`${kind}: many runs of one submission are the same as one by one`, async () => {
    const program = training(100);
    const numbers = new Numbers(1);
    const [weights, gradients] = [numbers.tensor([100]).data, numbers.tensor([100]).data];
    const after = async (submissions: readonly number[]) => {
      const memory = await (await open()).load([program]);
      memory.write("weights", weights);
      memory.write("gradients", gradients);
      memory.write("rate", new Float32Array([0.01]));
      for (const times of submissions) memory.run(program, times);
      const result = await memory.read("weights");
      memory.close();
      return result;
    };
    const expected = await after(new Array(25).fill(1));
    assertSameBits(await after([25]), expected, "the weights");
    assertSameBits(await after([10, 0, 15]), expected, "the weights");
  });

  test(`${kind}: an unknown buffer and a program that was not loaded are errors`, async () => {
    const memory = await (await open()).load([twoSteps(4)]);
    const unknown = { name: "DeviceError", message: /no buffer "z"/ };
    assert.throws(() => memory.write("z", new Float32Array(1)), unknown);
    await assert.rejects(async () => await memory.read("z"), unknown);
    assert.throws(() => memory.run(twoSteps(4)), /two steps: not loaded/);
    await assert.rejects(async () => await memory.profile(twoSteps(4)), /two steps: not loaded/);
    memory.close();
  });

  test(`${kind}: two programs with a state of different lengths are refused`, async () => {
    const device = await open();
    await assert.rejects(
      async () => await device.load([twoSteps(4), twoSteps(5)]),
      (error) =>
        error instanceof DeviceError &&
        /state "x" has 5 elements here but 4 in another program/.test(error.message),
    );
  });

  test(`${kind}: bytes counts every buffer once`, async () => {
    const memory = await (await open()).load([twoSteps(64), training(64)]);
    // x, y and a slot; weights, gradients, rate and step.
    assert.equal(memory.bytes, 4 * (3 * 64 + 2 * 64 + 1 + 1));
    memory.close();
  });

  test(`${kind}: profile() runs once and gives one time per step, or says why it cannot`, async () => {
    const program = twoSteps(100);
    const memory = await (await open()).load([program]);
    memory.write("x", new Float32Array(100).fill(3));
    const times = await memory.profile(program).catch((error) => {
      assert.match(error.message, /no timestamp queries/);
      return undefined;
    });
    if (times) {
      assert.deepEqual(times.map(({ label, kernel }) => [label, kernel]), [
        ["relu", "relu"],
        ["arithmetic", "multiply"],
      ]);
      assert.ok(times.every(({ milliseconds }) => milliseconds >= 0));
      assert.equal((await memory.read("y"))[99], 9);
    }
    memory.close();
  });
}
