/** Input gradients and attacked images against PyTorch's, by the weights of one checkpoint. */
import assert from "node:assert/strict";
import golden from "./attacked_net.json" with { type: "json" };
import { DATASETS } from "../../core/data/dataset.ts";
import { unitPixels } from "../../core/data/pixels.ts";
import { attackSchema } from "../../core/train/attack.ts";
import { openAttacker } from "../../core/train/attacker.ts";
import { decodeSafetensors } from "../../core/train/checkpoint.ts";
import { assertClose } from "../ops/gradient.ts";
import { cpu, test } from "../ops/harness.ts";
import { COUNT, NET } from "./attacked_net.ts";

const file = new URL("attacked_net.safetensors", import.meta.url);

/** Rounding errors of a probability near 1: what is left of it less 1 has them too. */
const CANCELLED = 2 ** -22;

/** 1 less the probability of the label, in f64: the size of the cross-entropy's gradient. */
function doubt(logits: readonly number[], label: number): number {
  const exponentials = logits.slice(0, 10).map((logit) => Math.exp(logit - logits[label]!));
  const sum = exponentials.reduce((sum, e) => sum + e);
  return (sum - 1) / sum;
}

test("gradients by pixels, FGSM and L2 images agree with PyTorch's on the same checkpoint", async () => {
  const { tensors } = decodeSafetensors(await Deno.readFile(file), file.pathname);
  const images = {
    pixels: Uint8Array.from(tensors.get("images")!.data),
    labels: Uint8Array.from(tensors.get("labels")!.data),
    count: COUNT,
  };
  const form = { image: DATASETS.mnist.shape, classes: DATASETS.mnist.names, batch: 3 };
  const attacker = await openAttacker(cpu, { layers: NET, tensors }, form);
  assertClose(await attacker.logits(unitPixels(images)), golden.logits, "the logits");

  const gradient = await attacker.gradient(images);
  const fgsm = attackSchema.parse({ attack: "fgsm", epsilon: golden.epsilon });
  const found = await attacker.attack(fgsm, images, 0);
  const features = gradient.length / COUNT;
  let unclear = 0;
  for (let i = 0; i < COUNT; i++) {
    const [ours, theirs] = [gradient, golden.gradient]
      .map((all) => Array.from(all).slice(i * features, (i + 1) * features));
    const tolerance = 1e-5 + CANCELLED / doubt(golden.logits.slice(10 * i), images.labels[i]!);
    assertClose(ours!, theirs!, `the gradient of image ${i}`, tolerance);
    // A gradient that is 0 but for rounding has the sign of a rounding.
    const least = tolerance * Math.max(...theirs!.map(Math.abs));
    theirs!.forEach((slope, k) => {
      const at = i * features + k;
      if (slope !== 0 && Math.abs(slope) <= least) unclear++;
      else assert.ok(Math.abs(found[at]! - golden.fgsm[at]!) <= 2 ** -24, `pixel ${at}`);
    });
  }
  assert.ok(unclear < 0.01 * found.length, `${unclear} of ${found.length} pixels not compared`);

  const { images: expected, ...sizes } = golden.l2;
  const l2 = attackSchema.parse({ attack: "pgd", ...sizes, norm: "l2", start: "image" });
  assertClose(await attacker.attack(l2, images, 0), expected, "the images after steps in L2", 1e-5);
  attacker.close();
});
