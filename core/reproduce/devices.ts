/** The devices that a comparison needs, each opened once. */
import { openCpu } from "../device/cpu.ts";
import type { Device } from "../device/device.ts";
import type { Host } from "../experiment/host_interface.ts";

/** Kinds of devices that a cell can be trained on. */
export const DEVICE_KINDS = ["cpu", "webgpu"] as const;

/** One of {@link DEVICE_KINDS}. */
export type DeviceKind = (typeof DEVICE_KINDS)[number];

/** See the top of this file. */
export class Devices {
  readonly #host: Host;
  readonly #opened = new Map<DeviceKind | "references", Device>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** @throws {DeviceError} when there is no WebGPU adapter. */
  async of(kind: DeviceKind): Promise<Device> {
    const device = this.#opened.get(kind) ??
      (kind === "cpu" ? openCpu(this.#host.cpuModel()) : await this.#host.openWebGpuQuietly());
    this.#opened.set(kind, device);
    return device;
  }

  /** The judge: the cpu device by its TypeScript references alone. */
  references(): Device {
    const device = this.#opened.get("references") ??
      openCpu(this.#host.cpuModel(), { referencesOnly: true });
    this.#opened.set("references", device);
    return device;
  }

  close(): void {
    for (const device of this.#opened.values()) device.close();
  }
}
