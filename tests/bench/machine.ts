/** The machine that figures were taken on. */
import { availableParallelism } from "node:os";
import process from "node:process";
import type { Device } from "../../core/device/device.ts";
import { denoHost } from "../../core/experiment/host.ts";

/** What a figure is worth nothing without. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly os: string;
  readonly device: string;
  readonly class: string;
  readonly spelling: string;
  readonly deno: string;
  readonly date: string;
}

/** Describes this machine and the device in use. */
export function machine({ info }: Device): Machine {
  return {
    cpu: denoHost.cpuModel(),
    cores: availableParallelism(),
    os: `${Deno.build.os} ${Deno.build.arch}`,
    device: info.kind === "cpu" ? "cpu" : `webgpu, ${info.name}`,
    class: info.class,
    spelling: info.spelling,
    deno: denoHost.denoVersion(),
    date: denoHost.now(),
  };
}

/** One line of it. */
export function machineLine(m: Machine): string {
  return `${m.cpu}, ${m.cores} cores; ${m.device} (${m.class}, ${m.spelling} products); ` +
    `Deno ${m.deno}, ${m.os}; ${m.date}`;
}

/** The most memory that this process has had, in MB. */
export function peakResidentMegabytes(): number {
  return process.resourceUsage().maxRSS / 1000;
}
