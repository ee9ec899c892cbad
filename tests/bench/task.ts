/** What is timed, by us and by the peers; imports nothing, since the peers have their own packages. */

/** A matrix product [m, k] x [k, n]. */
export interface Product {
  readonly kind: "product";
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** A linear op and its two gradients. */
export const PASSES = ["forward", "input gradient", "weight gradient"] as const;

/** A convolution or one of its two gradients, with a kernel of {@link KERNEL} by {@link KERNEL}. */
export interface Convolution {
  readonly kind: "convolution";
  readonly pass: (typeof PASSES)[number];
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly filters: number;
  readonly stride: number;
  readonly padding: "valid" | "same";
}

/** A transposed convolution or one of its two gradients, with a kernel of `kernel` by `kernel`. */
export interface TransposedConvolution {
  readonly kind: "transposed";
  readonly pass: (typeof PASSES)[number];
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  /** What the convolution that it transposes pads on each side, in pixels. */
  readonly padding: number;
}

/**
 * BatchNorm over the channels of images in training mode, and its three gradients: by the images,
 * the scale and the shift.
 */
export interface Norm {
  readonly kind: "norm";
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** One training step of an arm of an experiment: of a net, or of both nets of a pair. */
export interface TrainingStep {
  readonly kind: "step";
  readonly experiment: string;
  readonly arm: string;
  readonly batch: number;
}

/** Work that is repeated and timed. */
export type Task =
  | Product
  | Convolution
  | TransposedConvolution
  | Norm
  | TrainingStep;

/** Height and width of the convolutions' kernels. */
export const KERNEL = 3;

/** The unit that {@link rate} is in. */
export function unit({ kind }: Task): string {
  if (kind === "step") return "images/s";
  return kind === "norm" ? "Mvalues/s" : "GFLOP/s";
}

/** Work per second at `seconds` a run. A pair's step counts its real images. */
export function rate(task: Task, seconds: number): number {
  switch (task.kind) {
    case "step":
      return task.batch / seconds;
    case "norm":
      return task.batch * task.height * task.width * task.channels / seconds / 1e6;
    default:
      return operations(task) / seconds / 1e9;
  }
}

/** Multiplications and additions; those with padding count, and a convolution's passes have as many. */
function operations(task: Product | Convolution | TransposedConvolution): number {
  if (task.kind === "product") return 2 * task.m * task.k * task.n;
  // Every tap meets each pixel of the smaller side, a transposed convolution's input.
  const [height, width] = task.kind === "transposed" ? [task.height, task.width] : outputSize(task);
  const kernel = task.kind === "transposed" ? task.kernel : KERNEL;
  const taps = kernel * kernel * task.channels * task.filters;
  return 2 * task.batch * height * width * taps;
}

/** Height and width of a convolution's result. */
export function outputSize({ height, width, stride, padding }: Convolution): [number, number] {
  const cut = padding === "valid" ? KERNEL - 1 : 0;
  return [Math.ceil((height - cut) / stride), Math.ceil((width - cut) / stride)];
}

/** Height and width of a transposed convolution's result. */
export function transposedSize(
  { height, width, kernel, stride, padding }: TransposedConvolution,
): [number, number] {
  const grown = (length: number) => (length - 1) * stride - 2 * padding + kernel;
  return [grown(height), grown(width)];
}

/** A task's name for people. */
export function title(task: Task): string {
  switch (task.kind) {
    case "product":
      return `matrix product ${task.m}x${task.k}x${task.n}`;
    case "convolution": {
      const { channels, filters, height, width, batch, stride, padding, pass } = task;
      const moves = stride === 1 ? "" : `, stride ${stride}`;
      const edges = padding === "valid" ? "" : `, ${padding}`;
      return `convolution ${channels}->${filters} on ${height}x${width}${moves}${edges}, ` +
        `batch ${batch}, ${pass}`;
    }
    case "transposed": {
      const { channels, filters, height, width, kernel, batch, stride, padding, pass } = task;
      return `transposed convolution ${channels}->${filters} on ${height}x${width}, ` +
        `${kernel}x${kernel}, stride ${stride}, padding ${padding}, batch ${batch}, ${pass}`;
    }
    case "norm":
      return `BatchNorm of ${task.height}x${task.width}x${task.channels}, batch ${task.batch}, ` +
        `forward and gradients`;
    case "step":
      return `training step, ${task.experiment} ${task.arm}, batch ${task.batch}`;
  }
}
