/** Which device a run takes, and what it says about that. */
import { openCpu } from "../device/cpu.ts";
import { type Device, DeviceError } from "../device/device.ts";
import type { WebGpuDevice } from "../device/webgpu.ts";
import type { Host } from "./host_interface.ts";

/** What a user may ask for. */
export const DEVICE_CHOICES = ["auto", "webgpu", "cpu"] as const;

/** One of {@link DEVICE_CHOICES}. */
export type DeviceChoice = (typeof DEVICE_CHOICES)[number];

/** How to get a WebGPU adapter where there is none. */
export const ADAPTER_ADVICE =
  "for a GPU install its vendor's Vulkan driver; for a software adapter on Debian or Ubuntu: " +
  "apt-get install mesa-vulkan-drivers";

/** A chosen device. */
export interface Chosen {
  readonly device: Device;
  /** Why this one, and what would be faster. */
  readonly note: string;
  /** An adapter that was found but not chosen; the WGSL kernels are checked on it. */
  readonly spare?: WebGpuDevice;
}

/**
 * Chooses: `auto` takes a GPU on which the contract holds, else the cpu device; a software adapter
 * only when asked for.
 *
 * @throws {DeviceError} when `webgpu` is asked for and there is no adapter.
 */
export async function chooseDevice(host: Host, choice: DeviceChoice): Promise<Chosen> {
  if (choice === "webgpu") {
    const device = await host.openWebGpuQuietly();
    return { device, note: `asked for${contractNote(device)}` };
  }
  const cpu = openCpu(host.cpuModel());
  if (choice === "cpu") return { device: cpu, note: "asked for" };
  let found: WebGpuDevice;
  try {
    found = await host.openWebGpuQuietly();
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    return { device: cpu, note: "no WebGPU adapter found; a GPU would be faster" };
  }
  if (found.info.class !== "software" && found.probe.spelling !== "none") {
    return { device: found, note: "a GPU on which the arithmetic contract holds" };
  }
  const why = found.info.class === "software"
    ? `${found.info.name} is a software adapter, taken only with --device webgpu`
    : `on ${found.info.name} no spelling of the arithmetic contract holds`;
  return { device: cpu, note: `${why}; a GPU would be faster`, spare: found };
}

function contractNote({ probe }: WebGpuDevice): string {
  return probe.spelling === "none"
    ? "; NO SPELLING OF THE ARITHMETIC CONTRACT HOLDS HERE: results are adapter-specific"
    : "";
}
