/** The declared nets of a trained arm: one, or a pair. */
import { parameterCount } from "../../nn/describe.ts";
import { type Layer } from "../../nn/layers.ts";
import type { Shape } from "../../ops/op.ts";
import { imageShape, type Trained } from "./arm.ts";

/** A declared net and the shape of its input, without the batch axis. */
export interface DeclaredNet {
  /** None where there is one net only. */
  readonly owner: "" | "generator" | "discriminator";
  readonly layers: readonly Layer[];
  readonly input: Shape;
}

/** The nets of an arm. */
export function netsOf(arm: Trained): DeclaredNet[] {
  if (arm.kind === "supervised") {
    return [{ owner: "", layers: arm.net, input: imageShape(arm) }];
  }
  return [
    { owner: "generator", layers: arm.generator.net, input: [1, 1, arm.code] },
    { owner: "discriminator", layers: arm.discriminator.net, input: imageShape(arm) },
  ];
}

/** Trainable numbers of all nets of an arm. */
export function parametersOf(arm: Trained): number {
  return netsOf(arm).reduce((sum, { layers, input }) => sum + parameterCount(layers, input), 0);
}
