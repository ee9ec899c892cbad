/** The measures of an adversarial arm: of its looks, its declared nets and its compiled programs. */
import { z } from "zod";
import { describeNet } from "../../nn/describe.ts";
import { log64 } from "../../numerics/log64.ts";
import { structureOf } from "../../train/pair_structure.ts";
import type { Adversarial } from "../arms/adversarial.ts";
import { imageShape } from "../arms/arm.ts";
import { breachOf } from "./guidelines.ts";
import { netsOf } from "../arms/nets.ts";
import type { LookRecord, Progress } from "../records/record.ts";

/** Of every trained arm, or only of some. */
const common = { arms: z.array(z.string()).min(1).optional() };
const half = z.enum(["generator", "discriminator"]);

/** How near to guessing a discriminator must come, and how often it must give either answer. */
const GUESSING = { accuracy: [0.45, 0.55], eitherAnswer: 0.2 } as const;
/** A generator is as good as can be when it is so many times as far from real images as they are. */
const AS_GOOD = 2;

/** The schemas of the measures that a pair of nets has. */
export const pairMeasureSchemas = [
  /**
   * Frechet distance of generated from real images at the last look, or at that after so many real
   * images were seen; its natural logarithm with `log`.
   */
  z.strictObject({
    measure: z.literal("frechetDistance"),
    log: z.boolean().default(false),
    images: z.number().int().min(1).optional(),
    ...common,
  }),
  /** Where its logarithm lies at the last look between noise (0) and other real images (1). */
  z.strictObject({ measure: z.literal("realism"), ...common }),
  /** Classes that at least 2 % of the generated images go to, at the last look. */
  z.strictObject({ measure: z.literal("classesCovered"), ...common }),
  /** Entropy of the classes' shares at the last look, in nats; or its change from its highest. */
  z.strictObject({
    measure: z.literal("classEntropy"),
    change: z.boolean().default(false),
    ...common,
  }),
  /** Mean confidence of the yardstick in generated images, over that in real ones. */
  z.strictObject({ measure: z.literal("confidence"), ...common }),
  /** Share of held-out real and generated images that the discriminator tells right, at the end. */
  z.strictObject({ measure: z.literal("discriminatorAccuracy"), ...common }),
  /**
   * 1 where the end is not the ideal one: the discriminator guessing (45 to 55 % right, either answer
   * at least 20 % of the time), the Frechet distance at most twice that of real images; else 0.
   */
  z.strictObject({ measure: z.literal("notIdeal"), ...common }),
  /** Change of the Frechet distance over the last third of the training, as a share of it. */
  z.strictObject({ measure: z.literal("frechetChange"), ...common }),
  /** Greatest minus least Frechet distance in the second half, over their mean. */
  z.strictObject({ measure: z.literal("frechetSwing"), ...common }),
  /** Of the hidden activations' means and variances, each the mean over the second half. */
  z.strictObject({
    measure: z.literal("activation"),
    statistic: z.enum(["largest mean", "least variance", "largest variance"]),
    ...common,
  }),
  /** 1 where both declared nets obey a guideline of DCGAN (guidelines.ts), else 0. */
  z.strictObject({
    measure: z.literal("obeys"),
    guideline: z.union([1, 2, 3, 4, 5].map((n) => z.literal(n as 1 | 2 | 3 | 4 | 5))),
    ...common,
  }),
  /** Sets of real images that the compiled step of one of the nets reads. */
  z.strictObject({ measure: z.literal("imageSets"), half, ...common }),
  /** Images a step that the compiled loss of one of the nets is told to be real or generated. */
  z.strictObject({
    measure: z.literal("labelled"),
    half,
    label: z.enum(["real", "generated"]),
    ...common,
  }),
] as const;

/** A declared measure of a pair. */
export type PairMeasure = z.output<(typeof pairMeasureSchemas)[number]>;

/** Whether a measure is one that only a pair has. */
export function isOfPairs(measure: { readonly measure: string }): measure is PairMeasure {
  return pairMeasureSchemas.some(({ shape }) => shape.measure.value === measure.measure);
}

/** The value of a measure for an adversarial cell; `undefined` where it has no such look. */
export function takePairMeasure(
  measure: PairMeasure,
  arm: Adversarial,
  { looks = [], range }: Pick<Progress, "looks" | "range">,
): number | undefined {
  const last = looks.at(-1);
  switch (measure.measure) {
    case "frechetDistance": {
      const { images, log } = measure;
      const look = images === undefined
        ? last
        : looks.find(({ step }) => step * arm.batch === images);
      const distance = distanceOf(look);
      return distance !== undefined && log ? log64(distance) : distance;
    }
    case "realism": {
      const distance = distanceOf(last);
      if (!range || distance === undefined) return undefined;
      const noise = log64(range.noise);
      return (noise - log64(distance)) / (noise - log64(range.real));
    }
    case "classesCovered":
      return last?.yardstick?.covered;
    case "classEntropy": {
      const entropies = looks.flatMap(({ yardstick }) => yardstick?.entropy ?? []);
      if (!measure.change) return entropies.at(-1);
      return entropies.length > 1 ? entropies.at(-1)! - Math.max(...entropies) : undefined;
    }
    case "confidence":
      return last?.yardstick?.confidence;
    case "discriminatorAccuracy":
      return last?.discriminator.accuracy;
    case "notIdeal":
      return last && range && notIdeal(last, range);
    case "frechetChange": {
      const before = looks.slice(0, -1).find(({ step }) => 3 * step >= 2 * last!.step);
      const from = distanceOf(before);
      const to = distanceOf(last);
      return from !== undefined && to !== undefined ? to / from - 1 : undefined;
    }
    case "frechetSwing": {
      const distances = secondHalf(looks).flatMap((look) => distanceOf(look) ?? []);
      if (distances.length < 2) return undefined;
      const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
      return (Math.max(...distances) - Math.min(...distances)) / mean;
    }
    case "activation":
      return activation(measure.statistic, hiddenOf(arm), secondHalf(looks));
    case "obeys": {
      const pair = { generator: arm.generator.net, discriminator: arm.discriminator.net };
      return breachOf(measure.guideline, pair) === undefined ? 1 : 0;
    }
    case "imageSets":
      return structureOf(arm, imageShape(arm), measure.half).imageSets;
    case "labelled": {
      const structure = structureOf(arm, imageShape(arm), measure.half);
      return measure.label === "real" ? structure.labelledReal : structure.labelledGenerated;
    }
  }
}

function distanceOf(look: LookRecord | undefined): number | undefined {
  return look?.yardstick?.frechetDistance ?? undefined;
}

function secondHalf(looks: readonly LookRecord[]): LookRecord[] {
  const end = looks.at(-1)?.step ?? 0;
  return looks.filter(({ step }) => 2 * step > end);
}

function notIdeal(
  { discriminator: { accuracy, real }, yardstick }: LookRecord,
  range: NonNullable<Progress["range"]>,
): number | undefined {
  const distance = yardstick?.frechetDistance;
  if (typeof distance !== "number") return undefined;
  const guesses = accuracy >= GUESSING.accuracy[0] && accuracy <= GUESSING.accuracy[1] &&
    real >= GUESSING.eitherAnswer && real <= 1 - GUESSING.eitherAnswer;
  return guesses && distance <= AS_GOOD * range.real ? 0 : 1;
}

/** What another layer with weights takes in: an activation after the last of them is the output's. */
function hiddenOf(arm: Adversarial): string[] {
  return netsOf(arm).flatMap(({ owner, layers, input }) => {
    const described = describeNet(layers, input);
    const last = described.findLastIndex(({ parameters }) => parameters > 0);
    return described.slice(0, last).map(({ name }) => `${owner}/${name}`);
  });
}

function activation(
  statistic: Extract<PairMeasure, { measure: "activation" }>["statistic"],
  hidden: readonly string[],
  looks: readonly LookRecord[],
): number | undefined {
  const taken = looks.flatMap(({ activations }) => activations ? [activations] : []);
  const names = Object.keys(taken[0] ?? {}).filter((name) => hidden.includes(name));
  if (names.length === 0) return undefined;
  const means = names.map((name) => {
    const mean = (of: "mean" | "variance") =>
      taken.reduce((sum, activations) => sum + activations[name]![of], 0) / taken.length;
    return { mean: mean("mean"), variance: mean("variance") };
  });
  if (statistic === "largest mean") return Math.max(...means.map(({ mean }) => Math.abs(mean)));
  const variances = means.map(({ variance }) => variance);
  return statistic === "least variance" ? Math.min(...variances) : Math.max(...variances);
}
