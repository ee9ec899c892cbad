/** What is timed, by us and by the peers; imports nothing, since the peers have their own packages. */

/** A matrix product [m, k] x [k, n]. */
export interface Product {
  readonly kind: "product";
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** A convolution or one of its two gradients, with a kernel of {@link KERNEL} by {@link KERNEL}. */
export interface Convolution {
  readonly kind: "convolution";
  readonly pass: "forward" | "input gradient" | "weight gradient";
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly filters: number;
  readonly stride: number;
  readonly padding: "valid" | "same";
}

/** One training step of an arm of an experiment. */
export interface TrainingStep {
  readonly kind: "step";
  readonly experiment: string;
  readonly arm: string;
  readonly batch: number;
}

/** Work that is repeated and timed. */
export type Task = Product | Convolution | TrainingStep;

/** Height and width of the convolutions' kernels. */
export const KERNEL = 3;

/** The unit that {@link rate} is in. */
export function unit(task: Task): string {
  return task.kind === "step" ? "images/s" : "GFLOP/s";
}

/** Work per second at `seconds` a run. */
export function rate(task: Task, seconds: number): number {
  return task.kind === "step" ? task.batch / seconds : operations(task) / seconds / 1e9;
}

/** Multiplications and additions; those with padding count, and a convolution's passes have as many. */
function operations(task: Product | Convolution): number {
  if (task.kind === "product") return 2 * task.m * task.k * task.n;
  const [height, width] = outputSize(task);
  const taps = KERNEL * KERNEL * task.channels * task.filters;
  return 2 * task.batch * height * width * taps;
}

/** Height and width of a convolution's result. */
export function outputSize({ height, width, stride, padding }: Convolution): [number, number] {
  const cut = padding === "valid" ? KERNEL - 1 : 0;
  return [Math.ceil((height - cut) / stride), Math.ceil((width - cut) / stride)];
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
    case "step":
      return `training step, ${task.experiment} ${task.arm}, batch ${task.batch}`;
  }
}
