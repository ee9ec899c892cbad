/**
 * What a device runs. A `Program` is a fixed list of steps over named buffers, made once by
 * `core/graph`; a device knows no op, it only runs what the steps carry: a WGSL text for WebGPU, a
 * TypeScript reference and, where it is hot, SIMD phases for the CPU, all bound to the same buffers
 * in the same order.
 */

/** Element type of a buffer; both are four bytes wide. */
export type ElementType = "f32" | "u32";

/** A host-side view of a buffer or of a part of one. */
export type View = Float32Array | Uint32Array;

/** How one binding of a kernel is used: `read` is read-only, `write` may also be read. */
export interface KernelBinding {
  readonly type: ElementType;
  readonly access: "read" | "write";
}

/** Kinds of adapters that dispatches are tuned for; `software` has no GPU behind it. */
export const ADAPTER_CLASSES = ["software", "integrated", "discrete"] as const;

/** What a dispatch may be tuned to; nothing that is computed depends on it. */
export interface Adapter {
  readonly class: (typeof ADAPTER_CLASSES)[number];
  /** The adapter's own description. */
  readonly name: string;
}

/** A kernel as it runs on WebGPU. */
export interface Dispatch {
  /** WGSL with an entry point `main`; bindings are `@group(0) @binding(0..)` in the kernel's order. */
  readonly wgsl: string;
  /** Workgroups to dispatch, each at most 65,535. */
  readonly workgroups: readonly [number, number, number];
}

/** An argument of a SIMD kernel: a number of 32 bits, or the address of something in memory. */
export type Argument =
  | number
  /** The slice of that binding. */
  | { readonly binding: number }
  /** Constant numbers, put into memory when the program is loaded. */
  | { readonly table: Uint32Array }
  /** Bytes that the kernel's phases share, in memory that every kernel uses in its turn. */
  | { readonly scratch: number; readonly bytes: number };

/** A call of one of the functions that `core/wasm/kernels.ts` exports. */
export interface Call {
  readonly entry: string;
  readonly arguments: readonly Argument[];
}

/**
 * Work that threads share: each takes ranges of the units and runs all calls on a range, one after
 * the other. No unit depends on another one, so no partition changes a bit; the next phase begins
 * when all units are done.
 */
export interface Phase {
  readonly units: number;
  /** Ranges are multiples of so many units, 1 if left out. */
  readonly grain?: number;
  /** Operations of all units, roughly: whether sharing pays. */
  readonly work: number;
  /** Elements of the output that a unit stores, where the units store them in order. */
  readonly stored?: number;
  readonly calls: readonly Call[];
}

/** Work that has no SIMD kernel, in TypeScript on one thread, on views in binding order. */
export type HostPhase = (views: readonly View[]) => void;

/** One dispatch in all its forms, which give the same bits. */
export interface Kernel {
  /** Name shown in profiles and errors, e.g. `conv2d`. */
  readonly name: string;
  readonly bindings: readonly KernelBinding[];
  /** The WGSL and its extent for an adapter. */
  dispatch(adapter: Adapter): Dispatch;
  /** The same work in TypeScript, one f32 rounding per operation, on views in binding order. */
  reference(views: readonly View[]): void;
  /** The same work by SIMD kernels; made when the program is loaded by a device that runs them. */
  simd?(): readonly (Phase | HostPhase)[];
}

/** A part of a buffer, in elements. Offsets are multiples of {@link OFFSET_ALIGNMENT}. */
export interface Slice {
  /** Index into {@link Program.buffers}. */
  readonly buffer: number;
  readonly offset: number;
  readonly length: number;
  /** Axes of the tensor that lies there, outermost first: an element's index is told by them. */
  readonly shape?: readonly number[];
}

/** One step of a program: a kernel and the buffers it is bound to. */
export interface Step {
  readonly kernel: Kernel;
  /** Where in the model it stands, e.g. `conv1/conv2d`. */
  readonly label: string;
  readonly slices: readonly Slice[];
}

/**
 * A buffer of a program. `state` keeps its contents and is shared by name between all programs
 * loaded together; `slot` is scratch that the memory plan assigned to values whose lifetimes do
 * not overlap, and holds nothing from one run to the next.
 */
export interface BufferSpec {
  readonly kind: "state" | "slot";
  readonly name: string;
  readonly type: ElementType;
  readonly length: number;
}

/** A compiled program: run it any number of times; nothing is allocated per run. */
export interface Program {
  readonly name: string;
  readonly buffers: readonly BufferSpec[];
  readonly steps: readonly Step[];
}

/** Slices start at multiples of this many elements (256 bytes, WebGPU's default limit). */
export const OFFSET_ALIGNMENT = 64;
