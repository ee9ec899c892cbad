/** What every device offers: load programs into a memory, write, run, read. */
import type { Adapter, Program, View } from "./program.ts";
import type { Spelling } from "./spelling.ts";

/** What a run records about the device it ran on. */
export interface DeviceInfo extends Adapter {
  readonly kind: "webgpu" | "cpu";
  /** How products are spelled here; `none` where no spelling holds the contract (results are then adapter-specific). */
  readonly spelling: Spelling | "none";
  /** Threads of the cpu device. */
  readonly threads?: number;
}

/** Device time of one step of a program, as timestamp queries give it. */
export interface StepTime {
  readonly label: string;
  readonly kernel: string;
  readonly milliseconds: number;
}

/** Buffers of a set of programs loaded together; `state` buffers are shared between them by name. */
export interface Memory {
  /** Bytes of all buffers. */
  readonly bytes: number;
  /** Copies `data` into the named buffer at `offset` (elements), in order with queued runs. */
  write(name: string, data: View, offset?: number): void;
  /** Queues `times` runs of one of the loaded programs. */
  run(program: Program, times?: number): void;
  /** Reads `length` elements of the named buffer from `offset`, after all queued work. */
  read(name: string, offset?: number, length?: number): Promise<View>;
  /** Runs the program once and times each of its steps on the device. */
  profile(program: Program): Promise<StepTime[]>;
  /** Frees the buffers. */
  close(): void;
}

/** A place where programs run. */
export interface Device {
  readonly info: DeviceInfo;
  /** Allocates the programs' buffers, filled with zero, and prepares every kernel. */
  load(programs: readonly Program[]): Promise<Memory>;
  close(): void;
}

/** The device cannot do what was asked: no adapter, a limit, lost, out of memory, a bad shader. */
export class DeviceError extends Error {
  override name = "DeviceError";
}

/** One allocation of a memory: the largest need of all programs that name it. */
export interface Allocation {
  readonly name: string;
  readonly bytes: number;
}

/**
 * Merges the buffers of programs that are loaded together.
 *
 * @throws {DeviceError} when two programs declare a state buffer of one name with different lengths.
 */
export function allocations(programs: readonly Program[]): Map<string, Allocation> {
  const merged = new Map<string, Allocation>();
  for (const program of programs) {
    for (const { kind, name, length } of program.buffers) {
      const bytes = length * 4;
      const known = merged.get(name);
      if (known && kind === "state" && known.bytes !== bytes) {
        throw new DeviceError(
          `${program.name}: state "${name}" has ${length} elements here but ${
            known.bytes / 4
          } in another program loaded with it`,
        );
      }
      if (!known || known.bytes < bytes) merged.set(name, { name, bytes });
    }
  }
  return merged;
}

/** The element type that the programs give the named buffer; slots are f32. */
export function elementTypes(programs: readonly Program[]): Map<string, "f32" | "u32"> {
  return new Map(programs.flatMap((p) => p.buffers.map((b) => [b.name, b.type] as const)));
}

/** A memory's buffers by name and its programs' bound steps; what was not loaded is an error. */
export function lookups<Buffer, Bound>(
  buffers: ReadonlyMap<string, Buffer>,
  bound: ReadonlyMap<Program, Bound>,
): { named(name: string): Buffer; steps(program: Program): Bound } {
  return {
    named(name) {
      const buffer = buffers.get(name);
      if (!buffer) throw new DeviceError(`no buffer "${name}" in the loaded programs`);
      return buffer;
    },
    steps(program) {
      const found = bound.get(program);
      if (!found) throw new DeviceError(`${program.name}: not loaded`);
      return found;
    },
  };
}
