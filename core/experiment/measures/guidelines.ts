/**
 * The five guidelines for deep convolutional GANs (Radford, Metz and Chintala 2015) as a check of two
 * declared nets, so that "it obeys them" and "it breaks just this one" are no matter of opinion.
 *
 * A net is read as stages: a layer with weights (conv2d, conv2dTranspose, dense) and what follows it
 * up to the next one. The last stage is the net's output, the others are hidden. Where the guidelines
 * leave room:
 *
 * - batchNorm may stand before or after the activation of its stage;
 * - a stride-1 conv2d that keeps height and width changes no size, so either net may have it; and the
 *   discriminator's output may be a conv2d that takes in all that is left, as the generator's first
 *   layer makes a map of a single point;
 * - the discriminator's output may have batchNorm: only its input layer is excepted by name;
 * - a dense layer at the very end of a net is its output, no hidden layer.
 */
import { ACTIVATIONS } from "../../nn/activations.ts";

/** What is read of a declared layer, of whatever kind. */
export interface AnyLayer {
  readonly layer: string;
  readonly kernel?: unknown;
  readonly stride?: unknown;
  readonly padding?: unknown;
}

/** The two nets of a GAN. */
export interface Pair {
  readonly generator: readonly AnyLayer[];
  readonly discriminator: readonly AnyLayer[];
}

/** Which of the five, in their authors' order. */
export type Guideline = 1 | 2 | 3 | 4 | 5;

interface Named {
  /** `<kind><n>`, as in a built net. */
  readonly name: string;
  readonly layer: AnyLayer;
}

interface Stage extends Named {
  readonly after: readonly Named[];
  readonly isOutput: boolean;
}

interface Net {
  /** What stands before the first layer with weights. */
  readonly before: readonly Named[];
  readonly stages: readonly Stage[];
}

const WEIGHTED = ["conv2d", "conv2dTranspose", "dense"];

/** By guideline: what breaks it in each of the two nets. */
const RULES: { readonly [G in Guideline]: Readonly<Record<keyof Pair, (net: Net) => Breach>> } = {
  1: { generator: upByTransposed, discriminator: downByStrided },
  2: { generator: normalisedButOutput, discriminator: normalisedButInput },
  3: { generator: noHiddenDense, discriminator: noHiddenDense },
  4: { generator: reluThenTanh, discriminator: () => undefined },
  5: { generator: () => undefined, discriminator: (net) => hiddenActivation(net, "leakyRelu") },
};

type Breach = string | undefined;

/**
 * What breaks a guideline, the first layer that does so in words, the generator's before the
 * discriminator's; `undefined` when both nets obey it:
 *
 * 1. strided convolutions (discriminator) and transposed ones (generator) in the place of pooling and
 *    upsampling;
 * 2. batchNorm in both, but not at the generator's output nor at the discriminator's input layer;
 * 3. no dense hidden layers;
 * 4. relu in the generator, tanh at its output;
 * 5. leakyRelu in the discriminator.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { breachOf } from "./guidelines.ts";
 *
 * const pair = {
 *   generator: [{ layer: "dense" }, { layer: "relu" }, { layer: "dense" }, { layer: "tanh" }],
 *   discriminator: [{ layer: "dense" }],
 * };
 * assert.equal(breachOf(4, pair), undefined);
 * assert.equal(breachOf(3, pair), "generator: dense1 is a dense hidden layer");
 * ```
 */
export function breachOf(guideline: Guideline, pair: Pair): string | undefined {
  for (const side of ["generator", "discriminator"] as const) {
    const breach = RULES[guideline][side](read(pair[side]));
    if (breach !== undefined) return `${side}: ${breach}`;
  }
  return undefined;
}

function read(layers: readonly AnyLayer[]): Net {
  const counts = new Map<string, number>();
  const named = layers.map((layer): Named => {
    const count = (counts.get(layer.layer) ?? 0) + 1;
    counts.set(layer.layer, count);
    return { name: `${layer.layer}${count}`, layer };
  });
  const starts = named.flatMap(({ layer }, i) => WEIGHTED.includes(layer.layer) ? [i] : []);
  return {
    before: named.slice(0, starts[0]),
    stages: starts.map((start, i) => ({
      ...named[start]!,
      after: named.slice(start + 1, starts[i + 1]),
      isOutput: i === starts.length - 1,
    })),
  };
}

function upByTransposed(net: Net): Breach {
  return resized(net) ??
    broken(net, ({ layer }) => layer.layer === "conv2d" && !keepsSize(layer), "changes the size") ??
    (net.stages.some(({ layer }) => layer.layer === "conv2dTranspose" && isStrided(layer))
      ? undefined
      : "no strided conv2dTranspose makes its maps larger");
}

function downByStrided(net: Net): Breach {
  return resized(net) ??
    broken(net, ({ layer }) => layer.layer === "conv2dTranspose", "makes maps larger") ??
    broken(
      net,
      ({ layer, isOutput }) =>
        layer.layer === "conv2d" && !isOutput && !isStrided(layer) && !keepsSize(layer),
      "changes the size without a stride",
    ) ??
    (net.stages.some(({ layer }) => layer.layer === "conv2d" && isStrided(layer))
      ? undefined
      : "no strided conv2d makes its maps smaller");
}

/** Pooling of whatever kind, and upsampling. */
function resized({ before, stages }: Net): Breach {
  const all = [...before, ...stages.flatMap(({ after }) => after)];
  const found = all.find(({ layer }) => /pool$|^upsample/i.test(layer.layer));
  return found && `${found.name} changes the size`;
}

function normalisedButOutput(net: Net): Breach {
  return normalised(net, ({ isOutput }) => isOutput ? "without" : "with");
}

function normalisedButInput(net: Net): Breach {
  const [input] = net.stages;
  return normalised(net, (stage) => {
    if (stage === input) return "without";
    return stage.isOutput ? "either" : "with";
  });
}

/** Whether each stage has batchNorm as it should; what a net is given never has it. */
function normalised(
  { before, stages }: Net,
  expected: (stage: Stage) => "with" | "without" | "either",
): Breach {
  const found = before.find(isBatchNorm);
  if (found) return `${found.name} stands at the input`;
  for (const stage of stages) {
    const wanted = expected(stage);
    const own = stage.after.find(isBatchNorm);
    if (wanted === "with" && !own) return `${stage.name} has no batchNorm`;
    if (wanted === "without" && own) {
      return `${stage.name}, the ${stage.isOutput ? "output" : "input"} layer, has ${own.name}`;
    }
  }
  return undefined;
}

function noHiddenDense(net: Net): Breach {
  return broken(
    net,
    ({ layer, isOutput }) => layer.layer === "dense" && !isOutput,
    "is a dense hidden layer",
  );
}

function reluThenTanh(net: Net): Breach {
  const output = net.stages.at(-1);
  return hiddenActivation(net, "relu") ??
    (output ? activation(output, "tanh") : "it has no layer with weights");
}

function hiddenActivation({ stages }: Net, wanted: string): Breach {
  return stages.filter(({ isOutput }) => !isOutput)
    .map((stage) => activation(stage, wanted))
    .find((breach) => breach !== undefined);
}

/** Exactly one activation must follow, the one that is wanted. */
function activation({ name, after }: Stage, wanted: string): Breach {
  const found = after.filter(({ layer }) => ACTIVATIONS.includes(layer.layer));
  if (found.length === 1 && found[0]!.layer.layer === wanted) return undefined;
  const instead = found.map(({ name }) => name).join(" and ") || "no activation";
  return `${name} is followed by ${instead}, not by ${wanted}`;
}

function broken({ stages }: Net, breaks: (stage: Stage) => boolean, how: string): Breach {
  const found = stages.find(breaks);
  return found && `${found.name} ${how}`;
}

function isBatchNorm({ layer }: Named): boolean {
  return layer.layer === "batchNorm";
}

function isStrided({ stride = 1 }: AnyLayer): boolean {
  return stride !== 1;
}

function keepsSize({ kernel, stride = 1, padding = "valid" }: AnyLayer): boolean {
  if (stride !== 1) return false;
  if (padding === "same") return true;
  const each = padding === "valid" ? 0 : Number(padding);
  return [kernel].flat().every((side) => Number(side) === 2 * each + 1);
}
