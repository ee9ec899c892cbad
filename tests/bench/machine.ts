/** The machine that figures were taken on. */
import { availableParallelism } from "node:os";
import process from "node:process";
import { denoHost } from "../../core/experiment/host.ts";

/** What a figure is worth nothing without. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly os: string;
  readonly deno: string;
  readonly date: string;
}

/** Describes this machine. */
export function machine(): Machine {
  return {
    cpu: denoHost.cpuModel(),
    cores: availableParallelism(),
    os: `${Deno.build.os} ${Deno.build.arch}`,
    deno: denoHost.denoVersion(),
    date: denoHost.now(),
  };
}

/** One line of it. */
export function machineLine(m: Machine): string {
  return `${m.cpu}, ${m.cores} cores; Deno ${m.deno}, ${m.os}; ${m.date}`;
}

/** The most memory that this process has had, in MB. */
export function peakResidentMegabytes(): number {
  return process.resourceUsage().maxRSS / 1000;
}
