import assert from "node:assert/strict";
import { imageAt, type Images } from "../../core/data/dataset.ts";
import { addedImages, type Poison, poisoned, poisonSchema } from "../../core/data/poison.ts";
import { stream, word } from "../../core/random/streams.ts";

const CLASSES = 5;
const BYTES = 48;

/** 400 images of which 240, those that 5 leaves 0, 1 or 2 of, are trained on. */
const images: Images = {
  pixels: Uint8Array.from({ length: 400 * BYTES }, (_, i) => word(stream(0, "bytes"), 0, i) & 255),
  labels: Uint8Array.from({ length: 400 }, (_, i) => i * 7 % CLASSES),
  count: 400,
};
const training = Uint32Array.from({ length: 400 }, (_, i) => i).filter((i) => i % 5 < 3);
const clean = { images, training };
const spoil = (poison: Poison, seed = 7) => poisoned(clean, poison, { seed, classes: CLASSES });

const copies = (share: number, levels = 16): Poison => ({ how: "near-copies", share, levels });
const flips = (share: number): Poison => ({ how: "flipped labels", share });

/** What a byte may be after noise, its distance from what it was. */
function distance(a: Uint8Array, b: Uint8Array): number {
  return Math.max(...a.map((byte, i) => Math.abs(byte - b[i]!)));
}

Deno.test("near-copies stand behind all images, near one that is trained on, wrongly labelled", () => {
  const { images: spoilt, training: trained } = spoil(copies(0.25, 10));
  assert.equal(spoilt.count, 460);
  assert.equal(addedImages(copies(0.25), 240), 60);
  assert.deepEqual(spoilt.pixels.subarray(0, images.pixels.length), images.pixels);
  assert.deepEqual(spoilt.labels.subarray(0, 400), images.labels);
  assert.deepEqual([...trained], [...training, ...Array.from({ length: 60 }, (_, i) => 400 + i)]);
  const originals = new Set<number>(), distances = new Set<number>(), labels = new Set<number>();
  for (let i = 400; i < 460; i++) {
    const near = [...training].filter((index) =>
      distance(imageAt(spoilt, i), imageAt(images, index)) <= 10
    );
    assert.equal(near.length, 1, "of random bytes one only is near");
    const [original] = near;
    originals.add(original!);
    distances.add(distance(imageAt(spoilt, i), imageAt(images, original!)));
    const off = (spoilt.labels[i]! + CLASSES - images.labels[original!]!) % CLASSES;
    assert.notEqual(off, 0);
    labels.add(off);
  }
  assert.ok(originals.size > 40, "any of them");
  assert.ok(distances.has(10), "the whole range of noise");
  assert.equal(labels.size, CLASSES - 1, "any other label");
});

Deno.test("the noise of near-copies is uniform over its whole range, and cut at a byte's ends", () => {
  const grey = (level: number): Images => ({
    pixels: new Uint8Array(100 * BYTES).fill(level),
    labels: new Uint8Array(100),
    count: 100,
  });
  const of = (level: number, levels: number) => {
    const given = { images: grey(level), training: Uint32Array.from({ length: 100 }, (_, i) => i) };
    const { images } = poisoned(given, copies(1, levels), { seed: 1, classes: 2 });
    return images.pixels.subarray(100 * BYTES);
  };
  const counts = new Map<number, number>();
  for (const byte of of(100, 2)) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  assert.deepEqual([...counts.keys()].toSorted(), [100, 101, 102, 98, 99]);
  // 4,800 bytes, 960 a level: six standard deviations are 166.
  for (const count of counts.values()) assert.ok(Math.abs(count - 960) < 166, `${count}`);
  assert.equal(Math.min(...of(3, 255)), 0);
  assert.equal(Math.max(...of(250, 255)), 255);
});

Deno.test("flipped labels are all wrong, of that share of the training images, and nothing else", () => {
  const { images: spoilt, training: trained } = spoil(flips(0.3));
  assert.equal(spoilt.count, 400);
  assert.equal(addedImages(flips(0.3), 240), 0);
  assert.deepEqual(spoilt.pixels, images.pixels);
  assert.deepEqual(trained, training);
  const changed = [...images.labels.keys()].filter((i) => spoilt.labels[i] !== images.labels[i]);
  assert.equal(changed.length, 72);
  assert.ok(changed.every((index) => training.includes(index)));
  assert.ok(changed.every((index) => spoilt.labels[index]! < CLASSES));
  const off = changed.map((i) => (spoilt.labels[i]! + CLASSES - images.labels[i]!) % CLASSES);
  assert.equal(new Set(off).size, CLASSES - 1);
});

Deno.test("a poison leaves what it is given as it is, and is another for each seed", () => {
  const before = { pixels: images.pixels.slice(), labels: images.labels.slice() };
  for (const poison of [copies(0.5), flips(0.5)]) {
    const [once, again, other] = [spoil(poison), spoil(poison), spoil(poison, 8)];
    assert.deepEqual(once, again);
    assert.notDeepEqual(once.images.labels, other.images.labels);
    assert.deepEqual({ pixels: images.pixels, labels: images.labels }, before);
  }
});

Deno.test("a larger share holds all that a smaller one does; none and all are shares too", () => {
  const [less, more] = [spoil(copies(0.25)), spoil(copies(0.5))];
  assert.deepEqual(more.images.pixels.subarray(0, less.images.pixels.length), less.images.pixels);
  assert.deepEqual(more.images.labels.subarray(0, 460), less.images.labels);
  const wrong = (share: number) => {
    const { labels } = spoil(flips(share)).images;
    return [...labels.keys()].filter((i) => labels[i] !== images.labels[i]);
  };
  const most = wrong(0.5);
  assert.ok(wrong(0.25).every((index) => most.includes(index)));
  assert.deepEqual(wrong(1), [...training]);
  for (const none of [copies(0), flips(0)]) assert.deepEqual(spoil(none), clean);
});

Deno.test("more images may be trained on than a call has room for arguments", () => {
  const many = { images, training: Uint32Array.from({ length: 200_000 }, (_, i) => i % 400) };
  const { training } = poisoned(many, copies(1e-5), { seed: 7, classes: CLASSES });
  assert.deepEqual([training.length, training.at(-1)], [200_002, 401]);
});

Deno.test("shares outside 0..1, levels outside 1..255 and other words are refused", () => {
  const refused = (poison: unknown) => assert.ok(!poisonSchema.safeParse(poison).success);
  refused(copies(-0.1));
  refused(copies(1.1));
  refused(flips(NaN));
  refused({ how: "flipped labels" });
  for (const levels of [0, 256, 1.5]) refused(copies(0.1, levels));
  refused({ how: "flipped labels", share: 0.1, levels: 3 });
  refused({ how: "swapped", share: 0.1 });
  assert.deepEqual(poisonSchema.parse({ how: "near-copies", share: 0.1 }), copies(0.1));
});
