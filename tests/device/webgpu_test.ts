import assert from "node:assert/strict";
import { DeviceError } from "../../core/device/device.ts";
import { adapterName, openWebGpu } from "../../core/device/webgpu.ts";
import { openExpected, test } from "../ops/harness.ts";

test("a missing adapter is an error that says what to install", async () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, "navigator")!;
  Object.defineProperty(globalThis, "navigator", {
    configurable: true,
    value: { gpu: { requestAdapter: () => Promise.resolve(null) } },
  });
  try {
    await assert.rejects(
      () => openWebGpu(),
      (error) =>
        error instanceof DeviceError &&
        /no WebGPU adapter found; .*mesa-vulkan-drivers.*--device cpu/.test(error.message),
    );
  } finally {
    Object.defineProperty(globalThis, "navigator", own);
  }
});

test("these tests fail on an adapter other than the one they are for", async () => {
  await assert.rejects(
    () => openExpected(undefined, "an adapter that is not there"),
    /these tests are for the adapter "an adapter that is not there", but ".+" was found/,
  );
});

test("adapterName() names the vendor and the driver's description", () => {
  const info = (vendor: string, description: string, device = "0") =>
    ({ vendor, description, device }) as GPUAdapterInfo;
  assert.equal(adapterName(info("4098", "RADV NAVI21 ")), "AMD RADV NAVI21");
  assert.equal(adapterName(info("65541", "llvmpipe")), "Mesa llvmpipe");
  assert.equal(adapterName(info("apple", "", "m3")), "apple m3");
});
