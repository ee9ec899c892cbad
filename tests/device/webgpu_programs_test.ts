import assert from "node:assert/strict";
import { DeviceError } from "../../core/device/device.ts";
import { shaderError } from "../../core/device/webgpu_programs.ts";
import { test, webGpu } from "../ops/harness.ts";
import { program, twoSteps } from "./programs.ts";

const BROKEN = `@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(1)
fn main() {
  y[0] = x[0] + nowhere;
}`;

test("a shader that does not compile is shown with its line, and the device lives on", async () => {
  const device = await webGpu();
  await assert.rejects(() => device.load([program({ wgsl: BROKEN })]), (error) => {
    assert.ok(error instanceof DeviceError);
    assert.match(error.message, /the kernel "test" does not compile/);
    assert.match(error.message, /nowhere/);
    assert.match(error.message, /> +\d+ \| {3}y\[0\] = x\[0\] \+ nowhere;/);
    return true;
  });
  const working = twoSteps(4);
  const memory = await device.load([working]);
  memory.write("x", new Float32Array([2, -2, 3, 0]));
  memory.run(working);
  assert.deepEqual([...await memory.read("y")], [4, 0, 9, 0]);
  memory.close();
});

test("shaderError() shows two lines around the error with their numbers", () => {
  const message = shaderError(
    "conv2d",
    "one\ntwo\nthree\nfour\nfive\nsix",
    [
      { type: "warning", lineNum: 1, message: "unused" },
      { type: "error", lineNum: 4, message: "unexpected" },
    ],
    "fallback",
  );
  assert.equal(
    message,
    [
      'the kernel "conv2d" does not compile',
      "unexpected",
      "     2 | two",
      "     3 | three",
      ">    4 | four",
      "     5 | five",
      "     6 | six",
    ].join("\n"),
  );
  assert.match(shaderError("conv2d", "", [], "fallback"), /fallback/);
});

test("a buffer larger than the adapter grants is refused by name, with the numbers and a way out", async () => {
  const device = await webGpu();
  const length = device.limits.maxBufferSize! / 4 + 1;
  await assert.rejects(() => device.load([program({}, length)]), (error) => {
    assert.ok(error instanceof DeviceError);
    assert.ok(error.message.includes(`buffer "x" needs ${length * 4}`));
    assert.ok(error.message.includes(`maxBufferSize = ${device.limits.maxBufferSize}`));
    assert.match(error.message, /use a smaller batch, or --device cpu/);
    return true;
  });
});

test("a binding larger than the adapter grants is refused with the layer's name", async () => {
  const device = await webGpu();
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const length = Math.floor(maxStorageBufferBindingSize! / 4) + 1;
  const what = length * 4 > maxBufferSize! ? 'buffer "x"' : "layer/test";
  await assert.rejects(
    () => device.load([program({}, length)]),
    (error) =>
      error instanceof DeviceError && error.message.includes(`${what} needs ${length * 4}`),
  );
});

test("a dispatch of more workgroups than the adapter grants is refused", async () => {
  const device = await webGpu();
  const most = device.limits.maxComputeWorkgroupsPerDimension!;
  await assert.rejects(
    () => device.load([program({ workgroups: [1, most + 1, 1] })]),
    new RegExp(`layer/test needs ${most + 1}.*maxComputeWorkgroupsPerDimension = ${most}`),
  );
});
