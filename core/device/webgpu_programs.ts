/**
 * Programs on a WebGPU device: compiles each kernel once, binds each step once, and from then on a
 * run is a list of dispatches in one command buffer.
 *
 * Errors that WebGPU reports out of band (validation, lost device, out of memory) are kept and
 * thrown by the next call that waits.
 */
import {
  allocations,
  DeviceError,
  elementTypes,
  lookups,
  type Memory,
  type StepTime,
} from "./device.ts";
import type { Adapter, Dispatch, Kernel, Program } from "./program.ts";
import { CONTRACT_VALUES, prelude, type Spelling } from "./spelling.ts";

/** What an unknown error says. */
export function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

interface BoundStep {
  readonly label: string;
  readonly kernel: string;
  readonly workgroups: Dispatch["workgroups"];
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
}

/** A device under one spelling of multiplication. */
export class ProgramLoader {
  readonly #gpu: GPUDevice;
  readonly #adapter: Adapter;
  readonly #prelude: string;
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  readonly #contractLayout: GPUBindGroupLayout;
  readonly #contractGroup: GPUBindGroup;
  #failure: DeviceError | undefined;

  constructor(gpu: GPUDevice, adapter: Adapter, spelling: Spelling) {
    this.#gpu = gpu;
    this.#adapter = adapter;
    this.#prelude = prelude(spelling);
    gpu.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.#failure ??= new DeviceError((event as GPUUncapturedErrorEvent).error.message);
    });
    gpu.lost.then((lost) => {
      if (lost.reason !== "destroyed") {
        this.#failure ??= new DeviceError(`the device was lost: ${lost.message}`);
      }
    });
    this.#contractLayout = gpu.createBindGroupLayout({
      entries: [{ binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: "uniform" } }],
    });
    const contract = gpu.createBuffer({
      size: CONTRACT_VALUES.byteLength,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    gpu.queue.writeBuffer(contract, 0, CONTRACT_VALUES);
    this.#contractGroup = gpu.createBindGroup({
      layout: this.#contractLayout,
      entries: [{ binding: 0, resource: { buffer: contract } }],
    });
  }

  async load(programs: readonly Program[]): Promise<Memory> {
    const gpu = this.#gpu;
    for (const program of programs) this.#checkLimits(program);
    const buffers = await this.#allocate(programs);
    const bound = new Map<Program, BoundStep[]>();
    for (const program of programs) {
      bound.set(
        program,
        await Promise.all(program.steps.map(async ({ kernel, label, slices }) => ({
          label,
          kernel: kernel.name,
          ...await this.#prepare(kernel, `${program.name}: ${label}`),
          group: gpu.createBindGroup({
            label,
            layout: this.#layout(kernel),
            entries: slices.map(({ buffer, offset, length }, binding) => ({
              binding,
              resource: {
                buffer: buffers.get(program.buffers[buffer]!.name)!,
                offset: offset * 4,
                size: length * 4,
              },
            })),
          }),
        }))),
      );
    }
    this.#throwFailure();
    return this.#memory(programs, buffers, bound);
  }

  #memory(
    programs: readonly Program[],
    buffers: Map<string, GPUBuffer>,
    bound: Map<Program, BoundStep[]>,
  ): Memory {
    const gpu = this.#gpu;
    const types = elementTypes(programs);
    const { named, steps } = lookups(buffers, bound);
    return {
      bytes: [...buffers.values()].reduce((sum, buffer) => sum + buffer.size, 0),
      write: (name, data, offset = 0) => {
        gpu.queue.writeBuffer(named(name), offset * 4, data as Uint32Array<ArrayBuffer>);
      },
      run: (program, times = 1) => {
        this.#throwFailure();
        const list = steps(program);
        const encoder = gpu.createCommandEncoder();
        const pass = encoder.beginComputePass();
        pass.setBindGroup(1, this.#contractGroup);
        for (let i = 0; i < times; i++) for (const step of list) dispatch(pass, step);
        pass.end();
        gpu.queue.submit([encoder.finish()]);
      },
      read: async (name, offset = 0, length) => {
        const source = named(name);
        const bytes = length === undefined ? source.size - offset * 4 : length * 4;
        const copy = await this.#readBack(source, offset * 4, bytes);
        return types.get(name) === "u32" ? new Uint32Array(copy) : new Float32Array(copy);
      },
      profile: (program) => this.#profile(steps(program)),
      close: () => {
        for (const buffer of buffers.values()) buffer.destroy();
        buffers.clear();
      },
    };
  }

  async #readBack(source: GPUBuffer, offset: number, bytes: number): Promise<ArrayBuffer> {
    const gpu = this.#gpu;
    const staging = gpu.createBuffer({
      size: bytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const encoder = gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(source, offset, staging, 0, bytes);
    gpu.queue.submit([encoder.finish()]);
    try {
      await staging.mapAsync(GPUMapMode.READ);
      this.#throwFailure();
      return staging.getMappedRange().slice(0);
    } catch (cause) {
      this.#throwFailure();
      throw new DeviceError(`reading back from the device failed: ${message(cause)}`, { cause });
    } finally {
      staging.destroy();
    }
  }

  async #profile(steps: readonly BoundStep[]): Promise<StepTime[]> {
    const gpu = this.#gpu;
    if (!gpu.features.has("timestamp-query")) {
      throw new DeviceError("this adapter has no timestamp queries, so steps cannot be timed");
    }
    const count = steps.length * 2;
    const querySet = gpu.createQuerySet({ type: "timestamp", count });
    const resolved = gpu.createBuffer({
      size: count * 8,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    const encoder = gpu.createCommandEncoder();
    steps.forEach((step, i) => {
      const pass = encoder.beginComputePass({
        timestampWrites: {
          querySet,
          beginningOfPassWriteIndex: 2 * i,
          endOfPassWriteIndex: 2 * i + 1,
        },
      });
      pass.setBindGroup(1, this.#contractGroup);
      dispatch(pass, step);
      pass.end();
    });
    encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
    gpu.queue.submit([encoder.finish()]);
    const times = new BigUint64Array(await this.#readBack(resolved, 0, count * 8));
    resolved.destroy();
    querySet.destroy();
    return steps.map(({ label, kernel }, i) => ({
      label,
      kernel,
      milliseconds: Number(times[2 * i + 1]! - times[2 * i]!) / 1e6,
    }));
  }

  async #allocate(programs: readonly Program[]): Promise<Map<string, GPUBuffer>> {
    const gpu = this.#gpu;
    const buffers = new Map<string, GPUBuffer>();
    let bytes = 0;
    gpu.pushErrorScope("out-of-memory");
    gpu.pushErrorScope("validation");
    for (const allocation of allocations(programs).values()) {
      bytes += allocation.bytes;
      buffers.set(
        allocation.name,
        gpu.createBuffer({
          label: allocation.name,
          size: allocation.bytes,
          usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
        }),
      );
    }
    const invalid = await gpu.popErrorScope();
    const outOfMemory = await gpu.popErrorScope();
    const error = outOfMemory ?? invalid;
    if (error) {
      for (const buffer of buffers.values()) buffer.destroy();
      throw new DeviceError(
        `the device could not allocate ${(bytes / 2 ** 20).toFixed(0)} MiB for ${
          programs.map((p) => p.name).join(", ")
        }; use a smaller batch (${error.message})`,
      );
    }
    return buffers;
  }

  #checkLimits(program: Program): void {
    for (const { name, length } of program.buffers) {
      this.#checkLimit(`${program.name}: buffer "${name}"`, length * 4, "maxBufferSize");
    }
    for (const { label, slices } of program.steps) {
      for (const { length } of slices) {
        this.#checkLimit(`${program.name}: ${label}`, length * 4, "maxStorageBufferBindingSize");
      }
    }
  }

  #layout(kernel: Kernel): GPUBindGroupLayout {
    const key = kernel.bindings.map((b) => b.access).join();
    let layout = this.#layouts.get(key);
    if (!layout) {
      layout = this.#gpu.createBindGroupLayout({
        entries: kernel.bindings.map(({ access }, binding) => ({
          binding,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: access === "read" ? "read-only-storage" : "storage" },
        })),
      });
      this.#layouts.set(key, layout);
    }
    return layout;
  }

  #checkLimit(what: string, need: number, limit: keyof GPUSupportedLimits): void {
    const granted = this.#gpu.limits[limit] as number;
    if (need <= granted) return;
    throw new DeviceError(
      `${what} needs ${need}, but this adapter grants ${limit} = ${granted}; use a smaller batch, ` +
        "or --device cpu",
    );
  }

  async #prepare(kernel: Kernel, what: string) {
    const { wgsl, workgroups } = kernel.dispatch(this.#adapter);
    this.#checkLimit(what, Math.max(...workgroups), "maxComputeWorkgroupsPerDimension");
    let pipeline = this.#pipelines.get(wgsl);
    if (!pipeline) {
      pipeline = this.#compile(kernel, wgsl);
      this.#pipelines.set(wgsl, pipeline);
    }
    return { pipeline: await pipeline, workgroups };
  }

  async #compile(kernel: Kernel, wgsl: string): Promise<GPUComputePipeline> {
    const gpu = this.#gpu;
    const code = this.#prelude + wgsl;
    gpu.pushErrorScope("validation");
    const module = gpu.createShaderModule({ label: kernel.name, code });
    const pipeline = gpu.createComputePipeline({
      label: kernel.name,
      layout: gpu.createPipelineLayout({
        bindGroupLayouts: [this.#layout(kernel), this.#contractLayout],
      }),
      compute: { module, entryPoint: "main" },
    });
    const error = await gpu.popErrorScope();
    if (error) {
      const { messages } = await module.getCompilationInfo();
      throw new DeviceError(shaderError(kernel.name, code, messages, error.message));
    }
    return pipeline;
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure;
  }
}

function dispatch(pass: GPUComputePassEncoder, { pipeline, group, workgroups }: BoundStep): void {
  const [x, y, z] = workgroups;
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(x, y, z);
}

/** A shader's compile errors with the lines of WGSL they stand in. */
export function shaderError(
  name: string,
  code: string,
  messages: readonly Pick<GPUCompilationMessage, "type" | "lineNum" | "message">[],
  fallback: string,
): string {
  const lines = code.split("\n");
  const shown = messages.filter((m) => m.type === "error").map(({ lineNum, message }) => {
    const from = Math.max(1, lineNum - 2);
    const excerpt = lines.slice(from - 1, lineNum + 2).map((line, i) =>
      `${from + i === lineNum ? ">" : " "} ${String(from + i).padStart(4)} | ${line}`
    );
    return `${message}\n${excerpt.join("\n")}`;
  });
  return `the kernel "${name}" does not compile\n${shown.length ? shown.join("\n") : fallback}`;
}
