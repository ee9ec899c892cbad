/**
 * What the compiled programs of an adversarial training read and what their losses are told: answered
 * by the programs themselves, with nothing allocated.
 */
import type { Program } from "../device/program.ts";
import type { Shape } from "../ops/op.ts";
import { type AdversarialConfig, buildAdversarial } from "./adversarial.ts";

/** The two halves of a training step. */
export type Half = "generator" | "discriminator";

/** See the top of this file. */
export interface Structure {
  /** Sets of real images that the program reads. */
  readonly imageSets: number;
  /** Images that its loss is told to be real. */
  readonly labelledReal: number;
  /** Images that its loss is told to be generated. */
  readonly labelledGenerated: number;
}

/** The structure of a half of the step of a pair on images of a form. */
export function structureOf(config: AdversarialConfig, image: Shape, half: Half): Structure {
  const store = { name: "real", count: 1, image };
  const { generatorStep, discriminatorStep } = buildAdversarial(config, store);
  const program = half === "generator" ? generatorStep : discriminatorStep;
  const targets = targetsOf(program, program.initial);
  return {
    imageSets: program.buffers.filter(({ name }) => name.startsWith("real images")).length,
    labelledReal: targets.filter((target) => target === 1).length,
    labelledGenerated: targets.filter((target) => target === 0).length,
  };
}

/** The targets of all binary cross-entropies whose gradients a program takes. */
function targetsOf({ steps, buffers }: Program, initial: ReadonlyMap<string, ArrayLike<number>>) {
  const inGradients = steps.filter(({ kernel }) =>
    /binary_cross_entropy_gradient/.test(kernel.name)
  );
  return inGradients.flatMap(({ slices }) => {
    // Logits are no constant, and what the gradient is multiplied by comes last.
    const targets = slices.find(({ buffer }) => initial.has(buffers[buffer]!.name));
    if (!targets) return [];
    const { buffer, offset, length } = targets;
    return Array.from(initial.get(buffers[buffer]!.name)!).slice(offset, offset + length);
  });
}
