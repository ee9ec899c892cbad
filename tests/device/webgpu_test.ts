import assert from "node:assert/strict";
import { DeviceError } from "../../core/device/device.ts";
import { adapterClass, adapterName, openWebGpu } from "../../core/device/webgpu.ts";
import { openExpected, test, webGpu } from "../ops/harness.ts";

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

const info = (vendor: string, description: string, device = "0") =>
  ({ vendor, description, device, isFallbackAdapter: false }) as GPUAdapterInfo;

test("adapterName() names the vendor and the driver's description", () => {
  assert.equal(adapterName(info("4098", "RADV NAVI21 ")), "AMD RADV NAVI21");
  assert.equal(adapterName(info("65541", "llvmpipe")), "Mesa llvmpipe");
  assert.equal(adapterName(info("apple", "", "m3")), "apple m3");
});

const CLASSES = {
  software: [
    ["65541", "llvmpipe (LLVM 15.0.6, 256 bits)"],
    ["6880", "SwiftShader Device (Subzero)"],
    ["5140", "Microsoft Basic Render Driver"],
  ],
  integrated: [
    ["32902", "Intel(R) UHD Graphics 630 (CFL GT2)"],
    ["32902", "Intel(R) HD Graphics 520"],
    ["32902", "Intel(R) Iris(R) Xe Graphics (TGL GT2)"],
    ["32902", "Intel(R) Iris(R) Plus Graphics 640 (KBL GT3e)"],
    ["32902", "Intel(R) Graphics (MTL)"],
    ["32902", "Intel(R) Arc(tm) Graphics (MTL)"],
    ["4098", "AMD Radeon Graphics (RADV RENOIR)"],
    ["4098", "AMD Radeon RX Vega 11 Graphics (RADV RAVEN)"],
    ["4098", "AMD Radeon 780M Graphics (RADV PHOENIX)"],
    ["4098", "AMD Radeon(TM) Graphics"],
    ["0", "Apple M2"],
    ["5045", "Mali-G710"],
    ["20803", "Adreno (TM) 740"],
  ],
  discrete: [
    ["4318", "NVIDIA H100 80GB HBM3"],
    ["4318", "NVIDIA GeForce RTX 4090"],
    ["4098", "AMD Radeon RX 6800 XT (RADV NAVI21)"],
    ["4098", "RADV NAVI21"],
    ["32902", "Intel(R) Arc(tm) A770 Graphics (DG2)"],
    ["0", "a GPU that nobody has heard of"],
  ],
} as const;

for (const [expected, adapters] of Object.entries(CLASSES)) {
  test(`adapterClass() knows ${expected} adapters by their description`, () => {
    for (const [vendor, description] of adapters) {
      assert.equal(adapterClass(info(vendor, description)), expected, description);
    }
  });
}

test("adapterClass() takes a fallback adapter as software, whatever its description", () => {
  const fallback = { ...info("4318", "NVIDIA H100"), isFallbackAdapter: true } as GPUAdapterInfo;
  assert.equal(adapterClass(fallback), "software");
});

test("the adapter under test has the class of its description", async () => {
  const { name, class: found } = (await webGpu()).info;
  if (/llvmpipe|swiftshader/i.test(name)) assert.equal(found, "software");
  else assert.notEqual(found, "software");
});
