/** The readings of a net under attack. An attack is carried out once, however much is asked of it. */
import { type Dataset, DATASETS, firstImages } from "../../data/dataset.ts";
import { unitPixels } from "../../data/pixels.ts";
import type { Device } from "../../device/device.ts";
import type { NetTensors } from "../../nn/fold.ts";
import { type Answers, answersOf } from "../../train/answers.ts";
import { type Attack, targetOf } from "../../train/attack.ts";
import { type Attacker, openAttacker } from "../../train/attacker.ts";
import { linearity } from "../../train/linearity.ts";
import { imageShape, type Supervised } from "../arms/arm.ts";
import { percentile } from "../claims/statistics.ts";
import { canonicalJson } from "../records/canonical.ts";
import { attackNumber } from "./attack_numbers.ts";
import type { AttackReading, LinearityReading } from "./reading.ts";

const MEDIAN = 0.5;

/** See the top of this file. */
export class AttackedNet {
  readonly #device: Device;
  readonly #arm: Supervised;
  readonly #tensors: NetTensors;
  readonly #test: Dataset["test"];
  readonly #seed: number;
  readonly #answers = new Map<string, Answers>();
  #attacker: Attacker | undefined;

  /** @param data as the arm's net is given them. */
  constructor(
    device: Device,
    arm: Supervised,
    tensors: NetTensors,
    { test }: Pick<Dataset, "test">,
    seed: number,
  ) {
    this.#device = device;
    this.#arm = arm;
    this.#tensors = tensors;
    this.#test = test;
    this.#seed = seed;
  }

  /**
   * @throws {TypeError} when the net's pixels are of another scale than 0..1.
   * @throws {RangeError} when the attack aims at a class that is not there.
   */
  async take(reading: AttackReading | LinearityReading): Promise<number> {
    const images = this.#first(reading.images);
    if (reading.reading === "linearity") {
      const straight = await linearity(await this.#open(), images, reading, this.#seed);
      return straight.every(Number.isNaN)
        ? NaN
        : percentile(Array.from(straight).filter((r) => !Number.isNaN(r)), MEDIAN);
    }
    const { attack, what } = reading;
    const before = await this.#answersTo(null, reading.images);
    return attackNumber(what, {
      labels: images.labels,
      before,
      after: await this.#answersTo(attack, reading.images),
      target: attack ? targetOf(attack, this.#classes) : undefined,
    });
  }

  /** Frees the device buffers. */
  close(): void {
    this.#attacker?.close();
  }

  async #answersTo(attack: Attack | null, count: number): Promise<Answers> {
    const key = canonicalJson([attack, count]);
    const known = this.#answers.get(key);
    if (known) return known;
    const attacker = await this.#open();
    const images = this.#first(count);
    const shown = attack ? await attacker.attack(attack, images, this.#seed) : unitPixels(images);
    const answers = answersOf(await attacker.logits(shown), this.#classes.length);
    this.#answers.set(key, answers);
    return answers;
  }

  #first(count: number) {
    return firstImages(this.#test, Math.min(count, this.#test.count));
  }

  get #classes(): readonly string[] {
    return DATASETS[this.#arm.data].names;
  }

  async #open(): Promise<Attacker> {
    const { net: layers, pixels } = this.#arm;
    return this.#attacker ??= await openAttacker(
      this.#device,
      { layers, tensors: this.#tensors },
      { image: imageShape(this.#arm), classes: this.#classes, pixels },
    );
  }
}
