/** What is timed, by us and by the peers; imports nothing, since the peers have their own packages. */

/** A matrix product [m, k] x [k, n]. */
export interface Product {
  readonly kind: "product";
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** One training step of an arm of `experiments/cnn`; the peers know `reference` only. */
export interface TrainingStep {
  readonly kind: "step";
  readonly arm: "reference" | "dense" | "dense-wide";
  readonly batch: number;
}

/** Work that is repeated and timed. */
export type Task = Product | TrainingStep;

/** The unit that {@link rate} is in. */
export function unit(task: Task): string {
  return task.kind === "product" ? "GFLOP/s" : "images/s";
}

/** Work per second at `seconds` a run. */
export function rate(task: Task, seconds: number): number {
  return task.kind === "product"
    ? 2 * task.m * task.k * task.n / seconds / 1e9
    : task.batch / seconds;
}

/** A task's name for people. */
export function title(task: Task): string {
  return task.kind === "product"
    ? `matrix product ${task.m}x${task.k}x${task.n}`
    : `training step, ${task.arm} net, batch ${task.batch}`;
}
