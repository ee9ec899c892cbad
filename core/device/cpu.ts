/**
 * The cpu device: runs a program by its kernels' SIMD phases, on all cores, and where a kernel has
 * none by its TypeScript reference, one f32 rounding per operation. Both give the same bits. It is
 * what a machine without a GPU runs on; by references alone it is the judge when two adapters
 * differ, and the oracle of the tests.
 */
import kernels from "../wasm/kernels.b64" with { type: "text" };
import { allocations, type Device, elementTypes, lookups, type Memory } from "./device.ts";
import { Heap } from "./heap.ts";
import { place } from "./placing.ts";
import type { Program } from "./program.ts";
import { CONTROL_BYTES, Crew } from "./threads.ts";

/** How a cpu device works. */
export interface CpuOptions {
  /** Threads that share the work; as many as there are cores if left out. */
  readonly threads?: number;
  /** Runs TypeScript references only, on one thread. */
  readonly referencesOnly?: boolean;
}

/** Opens the cpu device; `name` is the processor's model, for the record. */
export function openCpu(name: string, options: CpuOptions = {}): Device {
  const { referencesOnly = false } = options;
  const threads = referencesOnly
    ? 1
    : options.threads ?? globalThis.navigator?.hardwareConcurrency ?? 1;
  let heap: Heap | undefined;
  let crew: Promise<Crew> | undefined;
  return {
    info: { kind: "cpu", name, class: "software", spelling: "plain", threads },
    async load(programs) {
      const { memory } = heap ??= new Heap(CONTROL_BYTES);
      if (referencesOnly) return load(programs, heap);
      crew ??= compiled().then((module) => new Crew(module, memory, threads));
      return load(programs, heap, { crew: await crew, threads });
    },
    close() {
      crew?.then((crew) => crew.close());
    },
  };
}

let module: Promise<WebAssembly.Module> | undefined;

function compiled(): Promise<WebAssembly.Module> {
  return module ??= WebAssembly.compile(
    Uint8Array.from(atob(kernels.replaceAll("\n", "")), (c) => c.charCodeAt(0)),
  );
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

interface Team {
  readonly crew: Crew;
  readonly threads: number;
}

interface BoundStep {
  readonly label: string;
  readonly kernel: string;
  run(): void;
}

function load(programs: readonly Program[], heap: Heap, team?: Team): Memory {
  const blocks: number[] = [];
  const buffers = new Map<string, Uint32Array>();
  const bound = new Map<Program, BoundStep[]>();
  const allocate = (bytes: number): number => {
    const address = heap.allocate(bytes);
    blocks.push(address);
    return address;
  };
  const view = (address: number, length: number) =>
    new Uint32Array(heap.memory.buffer, address, length);
  const close = () => {
    for (const address of blocks.splice(0)) heap.free(address);
    buffers.clear();
    bound.clear();
  };

  let bytes = 0;
  try {
    for (const allocation of allocations(programs).values()) {
      buffers.set(allocation.name, view(allocate(allocation.bytes), allocation.bytes / 4));
      bytes += allocation.bytes;
    }
    const store = (words: Uint32Array): number => {
      const address = allocate(words.byteLength);
      view(address, words.length).set(words);
      return address;
    };
    for (const [program, steps] of bind(programs, buffers, team, allocate, store)) {
      bound.set(program, steps);
    }
  } catch (error) {
    close();
    throw error;
  }

  const types = elementTypes(programs);
  const { named, steps } = lookups(buffers, bound);
  return {
    bytes,
    write(name, data, offset = 0) {
      // By bits, as WebGPU copies them, whatever the view's type.
      named(name).set(new Uint32Array(data.buffer, data.byteOffset, data.length), offset);
    },
    run(program, times = 1) {
      for (let i = 0; i < times; i++) for (const step of steps(program)) step.run();
    },
    async read(name, offset = 0, length) {
      const end = length === undefined ? undefined : offset + length;
      // A copy of its own, since files and digests take no shared memory.
      const words = new Uint32Array(named(name).subarray(offset, end));
      await turn();
      return types.get(name) === "u32" ? words : new Float32Array(words.buffer);
    },
    async profile(program) {
      await turn();
      return steps(program).map(({ run, label, kernel }) => {
        const start = performance.now();
        run();
        return { label, kernel, milliseconds: performance.now() - start };
      });
    },
    close,
  };
}

function bind(
  programs: readonly Program[],
  buffers: ReadonlyMap<string, Uint32Array>,
  team: Team | undefined,
  allocate: (bytes: number) => number,
  store: (words: Uint32Array) => number,
): Map<Program, BoundStep[]> {
  const steps = programs.flatMap((program) =>
    program.steps.map(({ kernel, label, slices }) => ({
      program,
      kernel,
      label,
      views: slices.map(({ buffer, offset, length }, i) => {
        const words = buffers.get(program.buffers[buffer]!.name)!.subarray(offset, offset + length);
        return kernel.bindings[i]!.type === "u32"
          ? words
          : new Float32Array(words.buffer, words.byteOffset, length);
      }),
      phases: (team && kernel.simd?.()) ?? [kernel.reference],
    }))
  );
  const placed = place(
    steps.map(({ phases, views }) => ({ phases, addresses: views.map((v) => v.byteOffset) })),
    team?.threads ?? 1,
    allocate,
    store,
  );
  const bound = new Map<Program, BoundStep[]>(programs.map((program) => [program, []]));
  steps.forEach(({ program, kernel, label, views }, i) => {
    const run = () => {
      for (const phase of placed[i]!) {
        if (typeof phase === "function") phase(views);
        else team!.crew.run(phase);
      }
    };
    bound.get(program)!.push({ label, kernel: kernel.name, run });
  });
  return bound;
}
