/** The measures of an arm that is inspected: of what was found inside its net on the way. */
import { z } from "zod";
import { ACTIVATIONS } from "../../nn/activations.ts";
import { layerNames } from "../../nn/layers.ts";
import type { Arm, Supervised } from "../arms/arm.ts";
import { DeclarationError } from "../declaration_error.ts";
import { geometricMean } from "../claims/statistics.ts";
import { known } from "../parse.ts";
import type { InspectionRecord, Progress } from "../records/record.ts";
import { gradientChange, inputDrift, lossRange } from "./look_numbers.ts";

/** Of every inspected arm, or only of some. */
const common = { arms: z.array(z.string()).min(1).optional() };
/** By its name in the net: `dense1`. */
const layer = z.string();

/** The schemas of the measures that an inspected net has. */
export const inspectionMeasureSchemas = [
  /**
   * Norm of the loss's gradient by a layer's parameters, or its ratio to that of layer `over` in the
   * same look: the geometric mean over the looks.
   */
  z.strictObject({
    measure: z.literal("gradientNorm"),
    layer,
    over: layer.optional(),
    ...common,
  }),
  /**
   * How far a step moves the mean of what a layer takes in, over its standard deviation (both over
   * all channels): the mean over the looks and over all layers with weights but the first.
   */
  z.strictObject({ measure: z.literal("drift"), ...common }),
  /** Mean or variance over all outputs of a layer: the mean over the looks. */
  z.strictObject({
    measure: z.literal("layerActivation"),
    layer,
    moment: z.enum(["mean", "variance"]),
    ...common,
  }),
  /** Share of channels that are 0 throughout at the last look: the mean over the activations. */
  z.strictObject({ measure: z.literal("deadUnits"), ...common }),
  /** Norm of a step's change of a layer's parameters over theirs: the geometric mean over the looks. */
  z.strictObject({ measure: z.literal("updateRatio"), layer, ...common }),
  /** Largest change of the gradient along itself, over its norm: the mean over the looks. */
  z.strictObject({ measure: z.literal("gradientChange"), ...common }),
  /** Largest minus smallest loss along the gradient, in nats: the mean over the looks. */
  z.strictObject({ measure: z.literal("lossRange"), ...common }),
] as const;

/** A declared measure of an inspected net. */
export type InspectionMeasure = z.output<(typeof inspectionMeasureSchemas)[number]>;

/** Whether a measure is one that only an inspected net has. */
export function isOfInspections(
  measure: { readonly measure: string },
): measure is InspectionMeasure {
  return inspectionMeasureSchemas.some(({ shape }) => shape.measure.value === measure.measure);
}

/** The value of a measure for a cell; `undefined` where it was not inspected, or lacks the layer. */
export function takeInspectionMeasure(
  measure: InspectionMeasure,
  { net }: Supervised,
  { inspections }: Pick<Progress, "inspections">,
): number | undefined {
  if (!inspections) return undefined;
  const { layers, trained, looks } = inspections;
  const each = (of: (look: InspectionRecord) => number | null | undefined) =>
    looks.flatMap((look) => of(look) ?? []).filter(Number.isFinite);
  switch (measure.measure) {
    case "gradientNorm": {
      const [own, over] = [measure.layer, measure.over].map((name) => trained.indexOf(name ?? ""));
      const ratio = measure.over !== undefined;
      return meanRatio(
        each(({ gradients }) => ratio ? gradients[own!]! / gradients[over!]! : gradients[own!]),
      );
    }
    case "drift":
      return mean(each((look) => inputDrift(look, inspections)));
    case "layerActivation": {
      const at = layers.indexOf(measure.layer);
      return mean(each((look) => look[measure.moment][at]));
    }
    case "deadUnits": {
      const activations = layers.flatMap((_, i) =>
        ACTIVATIONS.includes(net[i]?.layer ?? "") ? [i] : []
      );
      const last = looks.at(-1);
      return last && mean(activations.map((i) => last.dead[i]!));
    }
    case "updateRatio": {
      const at = trained.indexOf(measure.layer);
      return meanRatio(each(({ updates }) => updates[at]));
    }
    case "gradientChange":
      return mean(each(gradientChange));
    case "lossRange":
      return mean(each(lossRange));
  }
}

function mean(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function meanRatio(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : geometricMean(values);
}

/**
 * Refuses a measure of inspections where there are none: of an arm that it names, or of every arm;
 * and one of a layer that no such arm has.
 *
 * @throws {DeclarationError} saying what to add to which arm, or the layer's nearest valid name.
 */
export function requireInspected(
  measure: { readonly measure: string; readonly arms?: readonly string[] | undefined },
  arms: Readonly<Record<string, Arm>>,
): void {
  if (!isOfInspections(measure)) return;
  const along = measure.measure === "gradientChange" || measure.measure === "lossRange";
  const asks = (name: string) => {
    const arm = arms[name]!;
    if (arm.kind !== "supervised" || !arm.inspect) return false;
    return !along || arm.inspect.landscape !== undefined;
  };
  const measured = measure.arms ?? Object.keys(arms).filter(asks);
  const missing = measured.find((name) => !asks(name));
  if (missing === undefined && measured.length > 0) {
    const layers = measured.flatMap((name) => layerNames((arms[name] as Supervised).net));
    for (const layer of layersOf(measure)) {
      known("layer in these arms", layer, [...new Set(layers)]);
    }
    return;
  }
  const where = missing === undefined ? "no arm is" : `arm "${missing}" is not`;
  const field = along ? "inspect: { every: 100, landscape: [0.1] }" : "inspect: { every: 100 }";
  throw new DeclarationError(
    `${measure.measure} is measured inside the net as it trains, and ${where} inspected` +
      `${along ? " along its gradient" : ""}; add ${field} to ` +
      (missing === undefined ? "a supervised arm" : "it"),
  );
}

function layersOf(measure: InspectionMeasure): string[] {
  if (!("layer" in measure)) return [];
  return [measure.layer, "over" in measure ? measure.over ?? [] : []].flat();
}

/**
 * Refuses a measure of inspections where it is asked of cells that choose or stand in a sweep.
 *
 * @throws {DeclarationError} when `name` is such a measure.
 */
export function requireUninspected(
  name: string,
  measures: Readonly<Record<string, { readonly measure: string }>>,
): void {
  if (!Object.hasOwn(measures, name) || !isOfInspections(measures[name]!)) return;
  throw new DeclarationError(
    `"${name}" is measured inside the net as it trains, and only an arm's own cells are inspected, ` +
      "none that choose or stand in a sweep; take a measure of the finished net",
  );
}
