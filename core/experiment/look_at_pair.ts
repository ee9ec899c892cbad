/** What is written down of a look at a pair of nets. */
import { DivergedError } from "../train/loop.ts";
import type { Looked, PairLooker } from "../train/pair_looker.ts";
import type { Adversarial } from "./adversarial.ts";
import { frechetDistance, moments } from "./frechet.ts";
import type { LookRecord, Progress } from "./record.ts";
import { type Seen, yardstickNumbers } from "./yardstick_numbers.ts";

/** What Frechet distances of a pair are held against, from `count` images of each kind. */
export async function rangeOf(
  pair: PairLooker,
  count: number,
): Promise<NonNullable<Progress["range"]>> {
  const heldOut = await pair.look("real", 2 * count);
  const noise = await pair.look("noise", count);
  const units = heldOut.features!.length / heldOut.count;
  const [real, others, ofNoise] = [
    heldOut.features!.subarray(0, count * units),
    heldOut.features!.subarray(count * units),
    noise.features!,
  ].map((features) => moments(features, units));
  return {
    images: count,
    real: frechetDistance(others!, real!).distance,
    noise: frechetDistance(ofNoise!, real!).distance,
  };
}

/**
 * A look at a pair after a step, and the generated images that it took.
 *
 * @throws {DivergedError} when what the nets put out is not finite.
 */
export async function lookAt(
  pair: PairLooker,
  { yardstick, activations }: Adversarial,
  count: number,
  step: number,
): Promise<{ readonly look: LookRecord; readonly images: Float32Array }> {
  const generated = await pair.look("generated", count);
  const real = await pair.look("real", count);
  for (const values of [generated.images!, generated.logits!, real.logits!]) {
    if (!values.every(Number.isFinite)) throw new DivergedError(step, "what the nets put out");
  }
  // Finite images can be too large for the yardstick.
  for (const values of [generated.features, generated.probabilities]) {
    if (values?.every(Number.isFinite) === false) {
      throw new DivergedError(step, "what the yardstick makes of generated images");
    }
  }
  const look: LookRecord = {
    step,
    discriminator: answers(generated, real),
    ...(yardstick && { yardstick: judged(generated, real) }),
    ...(activations && { activations: spread(await pair.activations()) }),
  };
  return { look, images: generated.images! };
}

/** Above 0 the discriminator takes an image for real. */
function answers(generated: Looked, real: Looked): LookRecord["discriminator"] {
  const taken = (looked: Looked) => looked.logits!.reduce((sum, x) => sum + (x > 0 ? 1 : 0), 0);
  const total = (looked: Looked) => looked.losses!.reduce((sum, x) => sum + x, 0);
  const [ofGenerated, ofReal] = [taken(generated), taken(real)];
  const images = generated.count + real.count;
  return {
    accuracy: (generated.count - ofGenerated + ofReal) / images,
    real: (ofGenerated + ofReal) / images,
    loss: finite((total(generated) + total(real)) / images),
  };
}

function judged(generated: Looked, real: Looked): LookRecord["yardstick"] {
  const seen = ({ count, features, probabilities }: Looked): Seen => (
    { images: count, features: features!, probabilities: probabilities! }
  );
  const { rank: [rank], ...numbers } = yardstickNumbers(seen(generated), seen(real));
  return { ...numbers, rank, shares: [...numbers.shares] };
}

/** Mean and variance of each activation's outputs, in two passes and the order of its rows. */
function spread(activations: ReadonlyMap<string, Float32Array>): LookRecord["activations"] {
  return Object.fromEntries(Array.from(activations, ([name, values]) => {
    let sum = 0, squares = 0;
    for (const value of values) sum += value;
    const mean = sum / values.length;
    for (const value of values) squares += (value - mean) * (value - mean);
    return [name, { mean, variance: squares / values.length }];
  }));
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
