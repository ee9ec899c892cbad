/**
 * The WebGPU device: the default adapter, what it grants, and what the probe found on it. Web
 * standards only, so it also opens in a browser.
 */
import { type Device, DeviceError, type DeviceInfo } from "./device.ts";
import { type Probe, probe, probeProgram } from "./probe.ts";
import type { Adapter } from "./program.ts";
import type { Spelling } from "./spelling.ts";
import { message, ProgramLoader } from "./webgpu_programs.ts";

/** A WebGPU device, with what the probe found on its adapter. */
export interface WebGpuDevice extends Device {
  readonly probe: Probe;
  /** The limits that were granted and that programs are checked against. */
  readonly limits: Readonly<Record<string, number>>;
}

/** Limits asked for as high as the adapter grants them; all others stay at WebGPU's defaults. */
const RAISED_LIMITS = ["maxStorageBufferBindingSize", "maxBufferSize"] as const;

const VENDORS: Readonly<Record<string, string>> = {
  "4098": "AMD",
  "4318": "NVIDIA",
  "32902": "Intel",
  "5045": "Arm",
  "6880": "Google",
  "65541": "Mesa",
};

/** Names an adapter for people: vendor and the driver's description. */
export function adapterName(info: GPUAdapterInfo): string {
  const vendor = VENDORS[info.vendor] ?? info.vendor;
  return [vendor, info.description.trim() || info.device].filter(Boolean).join(" ");
}

/**
 * Opens the default WebGPU adapter and probes its arithmetic.
 *
 * @param spelling forces a spelling of multiplication instead of the probed one (tests).
 * @throws {DeviceError} when there is no WebGPU adapter.
 */
export async function openWebGpu(spelling?: Spelling): Promise<WebGpuDevice> {
  const adapter = await globalThis.navigator?.gpu?.requestAdapter({
    powerPreference: "high-performance",
  });
  if (!adapter) {
    throw new DeviceError(
      "no WebGPU adapter found; install a Vulkan driver (for a software one on Debian or Ubuntu: " +
        "apt-get install mesa-vulkan-drivers) or use --device cpu",
    );
  }
  const limits = Object.fromEntries(RAISED_LIMITS.map((name) => [name, adapter.limits[name]]));
  const features: GPUFeatureName[] = adapter.features.has("timestamp-query")
    ? ["timestamp-query"]
    : [];
  let gpu: GPUDevice;
  try {
    gpu = await adapter.requestDevice({ requiredLimits: limits, requiredFeatures: features });
  } catch (cause) {
    throw new DeviceError(
      `${adapterName(adapter.info)} did not grant ${JSON.stringify(limits)}: ${message(cause)}`,
      { cause },
    );
  }
  const running: Adapter = { class: adapterClass(adapter.info), name: adapterName(adapter.info) };
  const open = (chosen: Spelling) => new ProgramLoader(gpu, running, chosen);
  const found = await probe((candidate) => open(candidate).load([probeProgram]));
  const chosen = spelling ?? (found.spelling === "none" ? "plain" : found.spelling);
  const loader = open(chosen);
  const info: DeviceInfo = {
    kind: "webgpu",
    ...running,
    spelling: spelling ?? found.spelling,
  };
  return {
    info,
    probe: found,
    limits: Object.fromEntries(
      [
        ...RAISED_LIMITS,
        "maxStorageBuffersPerShaderStage",
        "maxComputeWorkgroupsPerDimension",
        "maxComputeInvocationsPerWorkgroup",
        "maxComputeWorkgroupStorageSize",
      ].map((name) => [name, gpu.limits[name as keyof GPUSupportedLimits] as number]),
    ),
    load: (programs) => loader.load(programs),
    close: () => gpu.destroy(),
  };
}

/**
 * What kind of adapter it is, by its description: WebGPU itself tells only a fallback adapter. A GPU
 * that is not known to share its memory with the processor counts as discrete; a wrong guess costs
 * speed and never a bit.
 */
export function adapterClass(info: GPUAdapterInfo): Adapter["class"] {
  const name = adapterName(info);
  if (
    info.isFallbackAdapter || /llvmpipe|lavapipe|swiftshader|software|basic render/i.test(name)
  ) return "software";
  const integrated =
    /intel(?!.*\barc\S* [ab]\d{3})|radeon(\(tm\))?( \S+){0,3} graphics|apple|adreno|mali/i;
  return integrated.test(name) ? "integrated" : "discrete";
}
