/**
 * The cpu device: runs a program by its kernels' TypeScript references, one f32 rounding per
 * operation. It is the judge when two adapters differ, the oracle of the tests, and what a machine
 * without a GPU runs on.
 */
import { allocations, type Device, elementTypes, lookups, type Memory } from "./device.ts";
import type { Program, Slice } from "./program.ts";

/** Opens the cpu device; `name` is the processor's model, for the record. */
export function openCpu(name: string): Device {
  return {
    info: { kind: "cpu", name, class: "software", spelling: "plain" },
    load: (programs) => Promise.resolve(load(programs)),
    close() {},
  };
}

/** Milliseconds of work after which the event loop gets its turn. */
const TURN_MS = 50;
let lastTurn = performance.now();

/** Everything here is computed at once, so without this a signal would wait for the end of a run. */
async function turn(): Promise<void> {
  if (performance.now() - lastTurn < TURN_MS) return;
  await new Promise((resolve) => setTimeout(resolve));
  lastTurn = performance.now();
}

function load(programs: readonly Program[]): Memory {
  const buffers = new Map<string, ArrayBuffer>();
  let bytes = 0;
  for (const allocation of allocations(programs).values()) {
    buffers.set(allocation.name, new ArrayBuffer(allocation.bytes));
    bytes += allocation.bytes;
  }
  const types = elementTypes(programs);
  const bound = new Map(programs.map((program) => [program, bind(program, buffers)]));

  const { named, steps } = lookups(buffers, bound);
  return {
    bytes,
    write(name, data, offset = 0) {
      // By bits, as WebGPU copies them, whatever the view's type.
      const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
      new Uint32Array(named(name)).set(bits, offset);
    },
    run(program, times = 1) {
      for (let i = 0; i < times; i++) for (const step of steps(program)) step.run();
    },
    async read(name, offset = 0, length) {
      const end = length === undefined ? undefined : (offset + length) * 4;
      const bytes = named(name).slice(offset * 4, end);
      await turn();
      return types.get(name) === "u32" ? new Uint32Array(bytes) : new Float32Array(bytes);
    },
    profile(program) {
      return Promise.resolve(
        steps(program).map(({ run, label, kernel }) => {
          const start = performance.now();
          run();
          return { label, kernel, milliseconds: performance.now() - start };
        }),
      );
    },
    close() {
      buffers.clear();
      bound.clear();
    },
  };
}

interface BoundStep {
  readonly label: string;
  readonly kernel: string;
  run(): void;
}

function bind(program: Program, buffers: ReadonlyMap<string, ArrayBuffer>): BoundStep[] {
  return program.steps.map(({ kernel, label, slices }) => {
    const views = slices.map((slice, i) => {
      const { buffer, offset, length } = slice satisfies Slice;
      const memory = buffers.get(program.buffers[buffer]!.name)!;
      return kernel.bindings[i]!.type === "u32"
        ? new Uint32Array(memory, offset * 4, length)
        : new Float32Array(memory, offset * 4, length);
    });
    return { label, kernel: kernel.name, run: () => kernel.reference(views) };
  });
}
