/** What watching over a training costs: its chain of weight digests, and the look at every gradient. */
import type { Device } from "../../core/device/device.ts";
import { digestOfFloats } from "../../core/numerics/digest.ts";
import { CHAIN_STEPS } from "../../core/train/chain_steps.ts";
import { openNet } from "./ours.ts";
import { failed, repeat, type Row, row } from "./row.ts";
import { REFERENCE } from "./tasks.ts";

/** Steps that a step's time is the mean of. */
const STEPS = 8;

/** Both as shares of a training step's time. */
export async function checkRows(device: Device, rounds: number): Promise<Row[]> {
  const share = { unit: "% of a training", aim: "under 2 in all" };
  const step = `reference net, batch ${REFERENCE.batch}`;
  const chain = {
    ...share,
    name: `digest chain, ${step}`,
    how: `weights read and digested, over ${CHAIN_STEPS} steps`,
  };
  const finite = {
    ...share,
    name: `finite checks, ${step}`,
    how: "largest gradient and the ring, of a profiled step",
  };
  try {
    const trainer = await openNet(device, REFERENCE);
    try {
      await trainer.train(0, STEPS);
      return [
        await row(chain, () =>
          repeat(rounds, async () => {
            const steps = await milliseconds(() => trainer.train(0, STEPS));
            const digest = await milliseconds(async () => digestOfFloats(await trainer.weights()));
            return 100 * digest / (CHAIN_STEPS * steps / STEPS);
          })),
        await row(finite, () =>
          repeat(rounds, async () => {
            const times = await trainer.profile();
            const sum = (of: typeof times) => of.reduce((ms, step) => ms + step.milliseconds, 0);
            const watching = times.filter(({ label }) => label.startsWith("metrics/"));
            if (watching.length === 0) throw new TypeError("no step of the program watches");
            return 100 * sum(watching) / sum(times);
          })),
      ];
    } finally {
      trainer.close();
    }
  } catch (error) {
    return [failed(chain, error), failed(finite, error)];
  }
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
