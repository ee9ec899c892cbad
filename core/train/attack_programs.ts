/**
 * The programs that attack a trained net in inference mode. All see one batch of images as it is at
 * the moment, [batch, height, width, channels] of pixels in 0..1, in the state `attacked`.
 */
import { compile, type CompiledProgram } from "../graph/compile.ts";
import { gradients } from "../graph/gradients.ts";
import { Graph, type State } from "../graph/graph.ts";
import { applyLayers, type Layer } from "../nn/layers.ts";
import { Net } from "../nn/net.ts";
import { scalar, subtract } from "../ops/arithmetic.ts";
import { attackStep } from "../ops/attack_step.ts";
import { copyOp } from "../ops/copy.ts";
import { sameShape, type Shape, ShapeError, show, size, type Value } from "../ops/op.ts";
import { random } from "../ops/random.ts";
import { softmaxCrossEntropy } from "../ops/softmax_cross_entropy.ts";
import { sum } from "../ops/sum.ts";
import {
  type AttackLoss,
  type AttackNorm,
  emitAttackStep,
  emitRandomStart,
} from "./attack_step.ts";
import { NetState } from "./net_state.ts";

/** What the programs depend on. */
export interface AttackedForm {
  readonly layers: readonly Layer[];
  /** Height, width, channels. */
  readonly image: Shape;
  /** How many there are. */
  readonly classes: number;
  readonly batch: number;
}

/** Programs that share their states, and the net that lies there too. */
export interface AttackPrograms<Name extends string> {
  readonly net: NetState;
  readonly programs: Readonly<Record<Name, CompiledProgram>>;
}

/** Names of the states that the host writes and reads. */
export const ATTACK = {
  /** The images as they are; and as they were given. */
  attacked: "attacked",
  origin: "origin",
  labels: "labels",
  /** Epsilon and the step's size, which is negative where a step goes down. */
  sizes: "sizes",
  /** A stream's key, and its step. */
  key: "attack key",
  round: "attack round",
  logits: "logits",
  gradient: "gradient",
} as const;

/** Between the uniform numbers on both sides of 1/2, so that no difference to it is 0. */
const NEARLY_HALF = 0.5 - 2 ** -25;

/**
 * The program `logits`.
 *
 * @throws {ShapeError} when the net does not fit the images or the classes.
 */
export function answerPrograms(form: AttackedForm): AttackPrograms<"logits"> {
  const net = new NetState();
  return { net, programs: { logits: logitsProgram(form, net) } };
}

/** The program `gradient`: of each image's cross-entropy with respect to its pixels. */
export function gradientPrograms(form: AttackedForm): AttackPrograms<"gradient"> {
  const emitter = new Emitter(form, new NetState());
  const x = emitter.images(ATTACK.attacked);
  const losses = sum(softmaxCrossEntropy(emitter.forward(x), emitter.labels()));
  const [gradient] = gradients(emitter.graph, losses, [x]);
  return {
    net: emitter.net,
    programs: { gradient: emitter.program("gradient", gradient!, ATTACK.gradient) },
  };
}

/** The program `noise`: random signs times epsilon, which the step's size must be too. */
export function noisePrograms(form: AttackedForm): AttackPrograms<"noise"> {
  const emitter = new Emitter(form, new NetState());
  const origin = emitter.images(ATTACK.origin);
  const { key, step } = emitter.noise();
  const uniform = random(key, step, { kind: "uniform", shape: origin.shape });
  const signs = subtract(uniform, scalar(emitter.graph, NEARLY_HALF));
  const moved = attackStep(origin, signs, origin, emitter.sizes());
  return {
    net: emitter.net,
    programs: { noise: emitter.program("noise", moved, ATTACK.attacked) },
  };
}

/** The programs of a descent: a random `start`, one `step`, and `logits`. */
export function stepPrograms(
  form: AttackedForm,
  { norm, loss }: { readonly norm: AttackNorm; readonly loss: AttackLoss },
): AttackPrograms<"start" | "step" | "logits"> {
  const net = new NetState();
  const starting = new Emitter(form, net);
  const start = emitRandomStart(starting.graph, {
    origin: starting.images(ATTACK.origin),
    sizes: starting.sizes(),
    norm,
    ...starting.noise(),
  });
  const stepping = new Emitter(form, net);
  const moved = emitAttackStep(stepping.graph, {
    forward: (x) => stepping.forward(x),
    // A copy, since a program must not read and write one buffer at once.
    x: stepping.graph.apply(copyOp, [stepping.images(ATTACK.attacked)], {}),
    origin: stepping.images(ATTACK.origin),
    labels: stepping.labels(),
    sizes: stepping.sizes(),
    ...{ norm, loss },
  });
  return {
    net,
    programs: {
      start: starting.program("attack start", start, ATTACK.attacked),
      step: stepping.program("attack step", moved, ATTACK.attacked),
      logits: logitsProgram(form, net),
    },
  };
}

function logitsProgram(form: AttackedForm, net: NetState): CompiledProgram {
  const emitter = new Emitter(form, net);
  const logits = emitter.forward(emitter.images(ATTACK.attacked));
  return emitter.program("logits", logits, ATTACK.logits);
}

/** One program in the making. */
class Emitter {
  readonly graph = new Graph();
  readonly #form: AttackedForm;
  readonly #applied: Net;

  constructor(form: AttackedForm, readonly net: NetState) {
    this.#form = form;
    this.#applied = new Net(this.graph, net.parameters, { statistics: net.statistics });
  }

  images(name: string): Value {
    const { batch, image } = this.#form;
    return this.#leaf(name, [batch, ...image]);
  }

  labels(): Value {
    return this.#leaf(ATTACK.labels, [this.#form.batch], "u32");
  }

  sizes(): Value {
    return this.#leaf(ATTACK.sizes, [2]);
  }

  noise() {
    return { key: this.#leaf(ATTACK.key, [2], "u32"), step: this.#leaf(ATTACK.round, [1], "u32") };
  }

  /** The logits [batch, classes] of images. */
  forward(x: Value): Value {
    const { layers, batch, classes } = this.#form;
    const { output } = applyLayers(this.#applied, x, layers).at(-1)!;
    if (sameShape(output.shape, [batch, classes])) return output;
    throw new ShapeError(
      `the net's output is ${show(output.shape)}, but ${classes} classes at batch ${batch} need ` +
        `[${batch}, ${classes}]; attack a net that tells these classes apart`,
    );
  }

  /** The program of a name, which leaves a value in a state. */
  program(name: string, value: Value, left: string): CompiledProgram {
    this.graph.place(value, state(left, value.shape, value.type));
    return compile(this.graph, name);
  }

  #leaf(name: string, shape: Shape, type: State["type"] = "f32"): Value {
    return this.graph.leaf(state(name, shape, type), shape);
  }
}

function state(name: string, shape: Shape, type: State["type"]): State {
  return { name, type, length: size(shape) };
}
