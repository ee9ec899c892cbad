import dcgan from "../experiments/dcgan/mod.ts";
import { mnistStandIn } from "../core/data/stand_in_mnist.ts";
import { openCpu } from "../core/device/cpu.ts";
import { openTraining } from "../core/experiment/open_training.ts";
import { planCells } from "../core/experiment/plan.ts";
import { displacementCosine } from "../core/experiment/displacement.ts";
const [cell] = await planCells(dcgan, { preset: "quick", arms: ["dcgan"], steps: 500 });
const device = openCpu("x", { threads: 2 });
const t = await openTraining(device, cell!.config as never, 0, await mnistStandIn());
t.initialise();
const snaps: Float32Array[][] = [];
const snap = async () => {
  const s = await t.state();
  const pick = (f: (n: string) => boolean) =>
    Float32Array.from(s.filter(({ name }) => f(name)).flatMap(({ data }) => [...data]));
  const moment = (n: string) => /moment/.test(n), running = (n: string) => /running/.test(n);
  snaps.push([
    pick((n) => !moment(n) || running(n)),
    pick((n) => !moment(n) && !running(n)),
    pick(running),
  ]);
};
await snap();
for (let step = 0; step < 500; step += 20) {
  await t.train(step, step + 20);
  if ((step + 20) % 100 === 0) {
    await snap();
    const n = snaps.length;
    if (n > 2) {
      console.log(
        step + 20,
        ...[0, 1, 2].map((i) =>
          displacementCosine(snaps[n - 3]![i]!, snaps[n - 2]![i]!, snaps[n - 1]![i]!)
        ),
      );
    }
    const d = [0, 1, 2].map((i) =>
      Math.sqrt(snaps[n - 1]![i]!.reduce((a, x, k) => a + (x - snaps[n - 2]![i]![k]!) ** 2, 0))
    );
    console.log(step + 20, "norms all, parameters, running", ...d);
  }
}
device.close();
Deno.exit(0);
