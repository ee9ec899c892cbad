/** What each spelling of products costs the hot kernels on an adapter, whether it holds there or not. */
import { openWebGpu } from "../../core/device/webgpu.ts";
import type { Device, StepTime } from "../../core/device/device.ts";
import { type Spelling, SPELLINGS } from "../../core/device/spelling.ts";
import type { Training } from "../../core/train/training.ts";
import { openNet } from "./ours.ts";
import { failed, repeat, type Row, row } from "./row.ts";
import { REFERENCE } from "./tasks.ts";

/** The kernels that a training step spends its time in. */
const HOT = ["conv2d", "conv2d_weight_gradient", "conv2d_input_gradient", "matmul"];

/** Device time of the hot kernels in a training step; the spellings take turns. */
export async function spellingRows(device: Device, rounds: number): Promise<Row[]> {
  const measured = SPELLINGS.flatMap((spelling) =>
    HOT.map((kernel) => ({
      spelling,
      kernel,
      row: {
        name: `${kernel} in a step, ${spelling} products`,
        unit: "ms",
        how: `profiled, reference net, batch ${REFERENCE.batch}`,
      },
    }))
  );
  using opened = new DisposableStack();
  try {
    if (device.info.kind === "cpu") throw new TypeError("the cpu device has one spelling");
    const trainers = new Map<Spelling, Training>();
    for (const spelling of SPELLINGS) {
      const forced = await openWebGpu(spelling);
      opened.defer(() => forced.close());
      const trainer = await openNet(forced, REFERENCE);
      opened.defer(() => trainer.close());
      await trainer.train(0, 1);
      trainers.set(spelling, trainer);
    }
    const profiles = Map.groupBy(
      (await repeat(rounds, async () => {
        const turn: { spelling: Spelling; steps: readonly StepTime[] }[] = [];
        for (const [spelling, trainer] of trainers) {
          turn.push({ spelling, steps: await trainer.profile() });
        }
        return turn;
      })).flat(),
      ({ spelling }) => spelling,
    );
    return await Promise.all(
      measured.map(({ spelling, kernel, row: what }) =>
        row(what, () =>
          Promise.resolve(
            profiles.get(spelling)!.map(({ steps }) =>
              steps.filter((step) => step.kernel.split("+")[0] === kernel)
                .reduce((sum, { milliseconds }) => sum + milliseconds, 0)
            ),
          ))
      ),
    );
  } catch (error) {
    return measured.map(({ row }) => failed(row, error));
  }
}
