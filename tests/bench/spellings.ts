/** What each spelling of products costs the hot kernels on an adapter, whether it holds there or not. */
import { openWebGpu } from "../../core/device/webgpu.ts";
import type { Device } from "../../core/device/device.ts";
import { SPELLINGS } from "../../core/device/spelling.ts";
import { openNet } from "./ours.ts";
import { failed, repeat, type Row, row } from "./row.ts";
import { REFERENCE } from "./tasks.ts";

/** The kernels that a training step spends its time in. */
const HOT = ["conv2d", "conv2d_weight_gradient", "conv2d_input_gradient", "matmul"];

/** Device time of the hot kernels in a training step, spelling by spelling. */
export async function spellingRows(device: Device, rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const spelling of SPELLINGS) {
    const measured = (kernel: string) => ({
      name: `${kernel} in a step, ${spelling} products`,
      unit: "ms",
      how: `profiled, reference net, batch ${REFERENCE.batch}`,
    });
    try {
      if (device.info.kind === "cpu") throw new TypeError("the cpu device has one spelling");
      const forced = await openWebGpu(spelling);
      try {
        const trainer = await openNet(forced, REFERENCE);
        await trainer.train(0, 1);
        const profiles = await repeat(rounds, async () => await trainer.profile());
        trainer.close();
        for (const kernel of HOT) {
          rows.push(
            await row(measured(kernel), () => {
              const samples = profiles.map((steps) =>
                steps.filter((step) => step.kernel.split("+")[0] === kernel)
                  .reduce((sum, { milliseconds }) => sum + milliseconds, 0)
              );
              return Promise.resolve(samples);
            }),
          );
        }
      } finally {
        forced.close();
      }
    } catch (error) {
      rows.push(...HOT.map((kernel) => failed(measured(kernel), error)));
    }
  }
  return rows;
}
