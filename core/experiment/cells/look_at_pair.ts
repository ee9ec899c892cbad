/** What is written down of a look at a pair of nets. */
import { DivergedError } from "../../train/loop.ts";
import type { Looked, PairLooker } from "../../train/pair_looker.ts";
import type { Adversarial } from "../arms/adversarial.ts";
import { frechetDistance, moments } from "../measures/frechet.ts";
import { finite, type LookRecord, type Progress } from "../records/record.ts";
import { type Seen, yardstickNumbers } from "../measures/yardstick_numbers.ts";

/**
 * What Frechet distances of a pair are held against.
 *
 * @param known real images as the yardstick sees them: those of a look, and as many others.
 */
export async function rangeOf(
  pair: PairLooker,
  known: Looked,
): Promise<NonNullable<Progress["range"]>> {
  const count = known.count / 2;
  const noise = await pair.look("noise", count);
  const units = known.features!.length / known.count;
  const [real, others, ofNoise] = [
    known.features!.subarray(0, count * units),
    known.features!.subarray(count * units),
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
 * @param known as {@link rangeOf} takes it, where there is a yardstick.
 * @throws {DivergedError} when what the nets put out is not finite.
 */
export async function lookAt(
  pair: PairLooker,
  { activations }: Pick<Adversarial, "activations">,
  count: number,
  step: number,
  known: Looked | undefined,
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
    ...(known && { yardstick: judged(generated, known) }),
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

/** Of the known images the first are those that are looked at. */
function judged(generated: Looked, known: Looked): LookRecord["yardstick"] {
  const images = generated.count;
  const first = (values: Float32Array, { count }: Looked) =>
    values.subarray(0, values.length / count * images);
  const seen = (looked: Looked): Seen => (
    {
      images,
      features: first(looked.features!, looked),
      probabilities: first(looked.probabilities!, looked),
    }
  );
  const { rank: [rank], ...numbers } = yardstickNumbers(seen(generated), seen(known));
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
