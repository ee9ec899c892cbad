/**
 * Carries out attacks on a trained net as programs on a device. The net is frozen, epsilon and step
 * size are numbers in a buffer, and a step is one program that is run again and again, so nothing is
 * compiled anew for another attack of the same form. Every image that comes out is checked: however
 * strong an attack looks, it has kept to its bounds.
 */
import type { Images } from "../data/dataset.ts";
import { type Pixels, unitPixels } from "../data/pixels.ts";
import type { Device, Memory } from "../device/device.ts";
import type { TrainedNet } from "../nn/fold.ts";
import { type Shape, size } from "../ops/op.ts";
import { stream } from "../random/streams.ts";
import { answersOf } from "./answers.ts";
import { type Attack, targetOf } from "./attack.ts";
import {
  answerPrograms,
  ATTACK,
  type AttackedForm,
  type AttackPrograms,
  gradientPrograms,
  noisePrograms,
  stepPrograms,
} from "./attack_programs.ts";
import { requireWithin } from "./attack_bounds.ts";

/** Images that are attacked at once. */
export const ATTACK_BATCH = 100;

/** Attacks on one net; one call at a time. */
export interface Attacker {
  /**
   * The images after an attack: f32 [count, height, width, channels] in 0..1. What is random comes
   * from the stream "attack" of `seed`, counted by batch and restart: the first of some images are
   * attacked as they would be alone, in batches of the same size.
   *
   * @throws {RangeError} when there is no class of the target's name, the images are of another form
   * or labelled with classes that are not there, or an image has left the bounds of the attack.
   */
  attack(attack: Attack, images: Images, seed: number): Promise<Float32Array<ArrayBuffer>>;
  /**
   * The gradient of each image's cross-entropy with respect to its pixels: f32 [count, height, width,
   * channels].
   *
   * @throws {RangeError} when the images are of another form or labelled with other classes.
   */
  gradient(images: Images): Promise<Float32Array<ArrayBuffer>>;
  /**
   * The logits [count, classes] of pixels [count, height, width, channels], which need not lie in 0..1.
   *
   * @throws {RangeError} when these are not whole images.
   */
  logits(pixels: Float32Array): Promise<Float32Array<ArrayBuffer>>;
  /** Frees the device buffers. */
  close(): void;
}

/** What is known of a net besides its layers and tensors. */
export interface Attacked {
  /** Height, width, channels. */
  readonly image: Shape;
  /** Names of the classes, in the order of the labels. */
  readonly classes: readonly string[];
  /** {@link ATTACK_BATCH} if left out. */
  readonly batch?: number;
  /** How bytes reach the net: as k/255, if left out, and in no other way can it be attacked. */
  readonly pixels?: Pixels;
}

/**
 * Opens an attacker of a net.
 *
 * @throws {TypeError} naming the tensor when one is missing or has another shape; or when the net is
 * not given pixels k/255, in whose range attacks are measured.
 * @throws {ShapeError} when the net does not fit the images or the classes.
 */
export async function openAttacker(
  device: Device,
  net: TrainedNet,
  { image, classes, batch = ATTACK_BATCH, pixels = "unit" }: Attacked,
): Promise<Attacker> {
  if (pixels !== "unit") {
    throw new TypeError(
      `the net is given its images with pixels: "${pixels}", and an attack's epsilon is a share of ` +
        'the range 0..1; attack a net that is trained with pixels: "unit"',
    );
  }
  const attacker = new NetAttacker(device, net, { image, classes, batch });
  try {
    await attacker.open();
  } catch (error) {
    attacker.close();
    throw error;
  }
  return attacker;
}

/** What an attack is told of a batch of images. */
interface Batch {
  /** Images in it; it is filled up with black ones of no class. */
  readonly rows: number;
  readonly origin: Float32Array<ArrayBuffer>;
  readonly labels: Uint32Array<ArrayBuffer>;
  /** Counted from 0. */
  readonly index: number;
}

/** How an image is moved: an fgsm is a pgd of one step. */
type Descent = Omit<Extract<Attack, { attack: "pgd" }>, "attack" | "target">;

type Loaded<Name extends string> = AttackPrograms<Name> & { readonly memory: Memory };

/** Steps of a stream from one restart to the next: more than there are batches. */
const RESTART = 2 ** 20;

class NetAttacker implements Attacker {
  readonly #device: Device;
  readonly #net: TrainedNet;
  readonly #form: AttackedForm;
  readonly #classes: readonly string[];
  readonly #features: number;
  /** By what they do. */
  readonly #loaded = new Map<string, Loaded<string>>();

  constructor(
    device: Device,
    net: TrainedNet,
    { image, classes, batch }: Required<Omit<Attacked, "pixels">>,
  ) {
    this.#device = device;
    this.#net = net;
    this.#form = { layers: net.layers, image, classes: classes.length, batch };
    this.#classes = classes;
    this.#features = size(image);
  }

  /** Finds at once what does not fit. */
  async open(): Promise<void> {
    await this.#answering();
  }

  async attack(attack: Attack, images: Images, seed: number): Promise<Float32Array<ArrayBuffer>> {
    const target = targetOf(attack, this.#classes);
    const { key } = stream(seed, "attack");
    const found = await this.#each(images, (batch) => {
      if (attack.attack === "noise") return this.#noise(attack.epsilon, batch, key);
      return this.#descend(descentOf(attack), batch, target, key);
    });
    requireWithin(attack, found, unitPixels(images), this.#features);
    return found;
  }

  async gradient(images: Images): Promise<Float32Array<ArrayBuffer>> {
    const { memory, programs } = await this.#load("gradient", gradientPrograms);
    return await this.#each(images, async ({ origin, labels }) => {
      memory.write(ATTACK.attacked, origin);
      memory.write(ATTACK.labels, labels);
      memory.run(programs.gradient);
      return await memory.read(ATTACK.gradient) as Float32Array;
    });
  }

  async logits(pixels: Float32Array): Promise<Float32Array<ArrayBuffer>> {
    const { batch, classes, image } = this.#form;
    const count = pixels.length / this.#features;
    if (!Number.isInteger(count)) {
      throw new RangeError(
        `${pixels.length} pixels are not whole images of ${image.join(" x ")}`,
      );
    }
    const loaded = await this.#answering();
    const found = new Float32Array(count * classes);
    for (let first = 0; first < count; first += batch) {
      const rows = Math.min(batch, count - first);
      const shown = new Float32Array(batch * this.#features);
      shown.set(pixels.subarray(first * this.#features, (first + rows) * this.#features));
      loaded.memory.write(ATTACK.attacked, shown);
      const logits = await answers(loaded);
      found.set(logits.subarray(0, rows * classes), first * classes);
    }
    return found;
  }

  close(): void {
    for (const { memory } of this.#loaded.values()) memory.close();
    this.#loaded.clear();
  }

  async #noise(epsilon: number, { origin, index }: Batch, key: Key): Promise<Float32Array> {
    const { memory, programs } = await this.#load("noise", noisePrograms);
    memory.write(ATTACK.origin, origin);
    memory.write(ATTACK.sizes, Float32Array.of(epsilon, epsilon));
    draw(memory, key, index);
    memory.run(programs.noise);
    return await memory.read(ATTACK.attacked) as Float32Array;
  }

  async #descend(
    { epsilon, stepSize, steps, norm, loss, start, restarts }: Descent,
    { rows, origin, labels, index }: Batch,
    target: number | undefined,
    key: Key,
  ): Promise<Float32Array> {
    const loaded = await this.#load(
      `${norm} ${loss}`,
      (form) => stepPrograms(form, { norm, loss }),
    );
    const { memory, programs } = loaded;
    const goal = target === undefined ? labels : labels.map((_, i) => i < rows ? target : NO_CLASS);
    memory.write(ATTACK.origin, origin);
    memory.write(ATTACK.labels, goal);
    const way = target === undefined ? stepSize : -stepSize;
    memory.write(ATTACK.sizes, Float32Array.of(epsilon, way));
    const best = new Float32Array(origin.length);
    const open = new Set(Array.from({ length: rows }, (_, i) => i));
    for (let restart = 0; restart < restarts && open.size > 0; restart++) {
      if (start === "image") memory.write(ATTACK.attacked, origin);
      else {
        draw(memory, key, restart * RESTART + index);
        memory.run(programs.start);
      }
      memory.run(programs.step, steps);
      const moved = await memory.read(ATTACK.attacked) as Float32Array;
      for (const i of open) {
        const [from, to] = [i * this.#features, (i + 1) * this.#features];
        best.set(moved.subarray(from, to), from);
      }
      if (restart === restarts - 1) break;
      const given = answersOf(await answers(loaded), this.#form.classes).classes;
      for (const i of [...open]) {
        const isGoal = given[i] === goal[i];
        if (isGoal === (target !== undefined)) open.delete(i);
      }
    }
    return best;
  }

  /** Does something with each batch of images, and joins what it gives of them. */
  async #each(
    images: Images,
    take: (batch: Batch) => Promise<Float32Array>,
  ): Promise<Float32Array<ArrayBuffer>> {
    this.#requireFitting(images);
    const { batch } = this.#form;
    const origins = unitPixels(images);
    const found = new Float32Array(origins.length);
    for (let first = 0, index = 0; first < images.count; first += batch, index++) {
      const rows = Math.min(batch, images.count - first);
      const [from, to] = [first * this.#features, (first + rows) * this.#features];
      const origin = new Float32Array(batch * this.#features);
      origin.set(origins.subarray(from, to));
      const labels = new Uint32Array(batch).fill(NO_CLASS);
      labels.set(images.labels.subarray(first, first + rows));
      const all = await take({ rows, origin, labels, index });
      found.set(all.subarray(0, to - from), from);
    }
    return found;
  }

  #requireFitting({ pixels, labels, count }: Images): void {
    const { image, classes } = this.#form;
    if (pixels.length !== count * this.#features) {
      throw new RangeError(
        `${count} images of ${image.join(" x ")} have ${count * this.#features} pixels, not ` +
          `${pixels.length}; the net is attacked on images of the form that it is given`,
      );
    }
    const odd = labels.subarray(0, count).findIndex((label) => label >= classes);
    if (odd >= 0) {
      throw new RangeError(
        `image ${odd} has the label ${labels[odd]}, and the net tells ${classes} classes apart`,
      );
    }
  }

  #answering(): Promise<Loaded<"logits">> {
    return this.#load("logits", answerPrograms);
  }

  /** Programs on the device with the net beside them, made when they are first needed. */
  async #load<Name extends string>(
    what: string,
    build: (form: AttackedForm) => AttackPrograms<Name>,
  ): Promise<Loaded<Name>> {
    const known = this.#loaded.get(what);
    if (known) return known as Loaded<Name>;
    const { net, programs } = build(this.#form);
    const all = Object.values<Loaded<string>["programs"][string]>(programs);
    const memory = await this.#device.load(all);
    const loaded = { net, programs, memory };
    this.#loaded.set(what, loaded);
    for (const { initial } of all) for (const [name, view] of initial) memory.write(name, view);
    net.restore(memory, this.#net.tensors);
    return loaded;
  }
}

type Key = ReturnType<typeof stream>["key"];

/** A label that no class has: its image stays as it is. */
const NO_CLASS = 0xffffffff;

function descentOf(attack: Exclude<Attack, { attack: "noise" }>): Descent {
  if (attack.attack === "pgd") return attack;
  const { epsilon } = attack;
  return {
    ...{ epsilon, stepSize: epsilon, steps: 1, restarts: 1 },
    ...{ norm: "max", loss: "cross-entropy", start: "image" },
  };
}

/** Writes where a program draws its random numbers from. */
function draw(memory: Memory, key: Key, step: number): void {
  memory.write(ATTACK.key, Uint32Array.from(key));
  memory.write(ATTACK.round, Uint32Array.of(step));
}

/** The logits of the images as they are on the device. */
async function answers({ memory, programs }: Loaded<"logits">): Promise<Float32Array> {
  memory.run(programs.logits);
  return await memory.read(ATTACK.logits) as Float32Array;
}
