/** Our speed: matrix products, convolutions and training steps. */
import type { Device, StepTime } from "../../core/device/device.ts";
import { describeNet } from "../../core/nn/describe.ts";
import { size } from "../../core/ops/op.ts";
import { runsPerGroup } from "./contestant.ts";
import { figure } from "./figures.ts";
import { armOf, ours } from "./ours.ts";
import { failed, repeat, type Row, row } from "./row.ts";
import { type Product, rate, type Task, title, type TrainingStep, unit } from "./task.ts";

/** The matrix products: one of a net's shapes, a square one, and one that no tile divides. */
export const PRODUCTS: readonly Product[] = [
  { kind: "product", m: 1024, k: 256, n: 576 },
  { kind: "product", m: 512, k: 512, n: 512 },
  { kind: "product", m: 1000, k: 997, n: 1003 },
];

/** The training steps. */
export const STEPS: readonly TrainingStep[] = [
  { kind: "step", arm: "reference", batch: 64 },
  { kind: "step", arm: "dense", batch: 64 },
  { kind: "step", arm: "dense-wide", batch: 64 },
];

const AIMS: Readonly<Record<string, string>> = {
  [title(PRODUCTS[0]!)]: "15 or more",
  [title(STEPS[0]!)]: "2 x jax-js webgpu",
};

/** Wall time of a task, and for a product also its time on the device. */
export async function speedRows(device: Device, task: Task, rounds: number): Promise<Row[]> {
  const aim = AIMS[title(task)];
  const measured = { name: title(task), unit: unit(task), ...(aim !== undefined && { aim }) };
  const wall = await row(
    { ...measured, how: "wall time, several runs and one read-back" },
    async () => {
      const prepared = await ours(device).prepare(task);
      try {
        const runs = await runsPerGroup(prepared);
        return await repeat(rounds, async () => rate(task, await prepared.run(runs) / runs));
      } finally {
        prepared.close();
      }
    },
  );
  if (task.kind !== "product") return [wall];
  const onDevice = await row({ ...measured, how: deviceTime(device) }, async () => {
    const dispatches = await profiled(device, task, rounds);
    return dispatches.map(({ milliseconds }) => rate(task, milliseconds / 1000));
  });
  return [wall, onDevice];
}

/** How {@link Memory.profile} takes the time of a dispatch. */
function deviceTime({ info }: Device): string {
  return info.kind === "webgpu" ? "device time, timestamp queries" : "wall time, one run";
}

/** The convolution kernels inside a training step of the reference net, each by its own time. */
export async function convolutionRows(device: Device, rounds: number): Promise<Row[]> {
  const task = STEPS[0]!;
  const measured = { unit: "GFLOP/s", how: `inside a step, ${deviceTime(device)}` };
  let dispatches: StepTime[];
  try {
    dispatches = await profiled(device, task, rounds);
  } catch (error) {
    return [failed({ ...measured, name: "convolutions" }, error)];
  }
  const operations = convolutionOperations(task);
  const samples = new Map<string, number[]>();
  for (const { label, kernel, milliseconds } of dispatches) {
    const layer = label.split("/").at(-2) ?? "";
    const count = operations.get(layer);
    if (!kernel.startsWith("conv2d") || count === undefined) continue;
    const name = `${kernel}, ${layer}, batch ${task.batch}`;
    samples.set(name, [...samples.get(name) ?? [], count / milliseconds / 1e6]);
  }
  return [...samples].map(([name, rates]) => ({
    ...measured,
    name,
    ...figure(rates),
    error: null,
  }));
}

async function profiled(device: Device, task: Task, rounds: number): Promise<StepTime[]> {
  const prepared = await ours(device).prepare(task);
  try {
    const times: StepTime[] = [];
    for (let i = 0; i < rounds; i++) times.push(...await prepared.profile());
    return times;
  } finally {
    prepared.close();
  }
}

/** Multiplications and additions of each convolution, which its two gradients share. */
function convolutionOperations({ arm, batch }: TrainingStep): Map<string, number> {
  const { net } = armOf(arm, batch);
  return new Map(
    describeNet(net, [32, 32, 3]).filter(({ layer }) => layer.layer === "conv2d")
      .map(({ name, output, parameters }) => {
        const filters = output.at(-1)!;
        const weights = parameters - filters;
        return [name, 2 * batch * size(output) / filters * weights];
      }),
  );
}
