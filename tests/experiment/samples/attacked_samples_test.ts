/** Images under attack are read whole or refused, whoever wrote them. */
import assert from "node:assert/strict";
import { attackSchema } from "../../../core/train/attack.ts";
import { denoHost } from "../../../core/experiment/host.ts";
import { encodePng } from "../../../core/experiment/samples/picture.ts";
import {
  type Attacked,
  attackedFiles,
  type AttackFigure,
  isAttackedName,
  readAttacked,
} from "../../../core/experiment/samples/attacked_samples.ts";
import { testInFolder } from "../tiny.ts";

const pgd = attackSchema.parse({ attack: "pgd", epsilon: 0.2, stepSize: 0.05, steps: 10 });
const IMAGES: AttackFigure = { figure: "attacked images", arm: "cnn", attack: pgd, images: 2 };
const STRIPS: AttackFigure = {
  figure: "epsilon strips",
  arm: "cnn",
  attack: "fgsm",
  epsilons: [0.1, 0.2, 0.3],
  images: 1,
};

/** Two images of 2 x 2, taken for others. */
const ATTACKED: Attacked = {
  format: 1,
  classes: ["zero", "one"],
  image: [2, 2, 1],
  tried: 32,
  amplified: 2,
  images: [0, 1].map((label) => ({
    index: 5 + label,
    label,
    answers: [{ class: label, confidence: 0.75 }, { class: 1 - label, confidence: 1 }],
  })),
};
const PNG = encodePng(new Uint8Array(24), 6, 4, 1);

async function write(
  folder: string,
  figure: AttackFigure,
  attacked: unknown,
  png: Uint8Array = PNG,
): Promise<void> {
  const { numbers, picture } = await attackedFiles(figure);
  await Deno.mkdir(`${folder}/samples`, { recursive: true });
  await Deno.writeTextFile(`${folder}/${numbers}`, JSON.stringify(attacked));
  await Deno.writeFile(`${folder}/${picture}`, png);
}

testInFolder("readAttacked() gives the images and what was said of them", async (folder) => {
  assert.equal(await readAttacked(denoHost, folder, IMAGES), undefined);
  await write(folder, IMAGES, ATTACKED);
  const { attacked, picture } = (await readAttacked(denoHost, folder, IMAGES))!;
  assert.deepEqual(attacked, ATTACKED);
  assert.deepEqual(picture, { width: 6, height: 4, channels: 1, png: PNG });
  assert.equal(await readAttacked(denoHost, folder, STRIPS), undefined);
  const { amplified: _, ...rest } = ATTACKED;
  const { answers: [first, second] } = ATTACKED.images[0]!;
  const images = [{ index: 0, label: 0, answers: [first, first, second, second] }];
  await write(folder, STRIPS, { ...rest, images }, encodePng(new Uint8Array(16), 8, 2, 1));
  assert.equal((await readAttacked(denoHost, folder, STRIPS))!.picture!.width, 8);
  // An attack that fools nobody leaves no picture.
  await write(folder, IMAGES, { ...ATTACKED, images: [] });
  assert.equal((await readAttacked(denoHost, folder, IMAGES))!.picture, undefined);
});

testInFolder("readAttacked() refuses what does not belong together", async (folder) => {
  const [first, second] = ATTACKED.images;
  const { amplified: _, ...plain } = ATTACKED;
  const answers = (...classes: number[]) => classes.map((n) => ({ class: n, confidence: 0.5 }));
  const wrong: [attacked: unknown, png: Uint8Array, words: RegExp][] = [
    [ATTACKED, encodePng(new Uint8Array(16), 4, 4, 1), /6 x 4 pixels, grey.* found a PNG of 4 x 4/],
    [ATTACKED, encodePng(new Uint8Array(72), 6, 4, 3), /grey.* found .* RGB;/],
    [ATTACKED, PNG.subarray(0, 30), /found no PNG;/],
    [ATTACKED, new Uint8Array(4_000_001), /at most 4000000 bytes, found 4000001/],
    [{ ...ATTACKED, classes: ["x".repeat(4_000_001)] }, PNG, /at most 4000000 bytes/],
    [{ ...ATTACKED, images: [first, second, first] }, PNG, /at most 2 images with 2 answers each/],
    [{ ...ATTACKED, images: [{ ...first, answers: answers(0) }] }, PNG, /at most 2 images with 2/],
    [plain, PNG, /at most 2 images with 2 answers each/],
    [
      { ...ATTACKED, images: [{ ...first, answers: answers(0, 2) }] },
      PNG,
      /images\.0: .*2 classes/,
    ],
    [{ ...ATTACKED, images: [{ ...first, label: 2 }] }, PNG, /images\.0: .*one of 2 classes/],
    [{ ...ATTACKED, images: [{ ...first, index: -1 }] }, PNG, /images\.0\.index: /],
    [{ ...ATTACKED, amplified: 0 }, PNG, /amplified: /],
    [{ ...ATTACKED, image: [2, 1e9, 1] }, PNG, /image\.1: /],
    [{ ...ATTACKED, image: [2, 2, 2] }, PNG, /image\.2: /],
    [{ ...ATTACKED, format: 2 }, PNG, /format: /],
    [{ ...ATTACKED, more: 1 }, PNG, /more/],
  ];
  for (const [attacked, png, words] of wrong) {
    await write(folder, IMAGES, attacked, png);
    await assert.rejects(readAttacked(denoHost, folder, IMAGES), (error: Error) => {
      assert.equal(error.name, "DeclarationError");
      assert.match(error.message, words);
      return true;
    });
  }
});

testInFolder("readAttacked() names a picture that is missing", async (folder) => {
  await write(folder, IMAGES, ATTACKED);
  const { picture } = await attackedFiles(IMAGES);
  await Deno.remove(`${folder}/${picture}`);
  await assert.rejects(
    readAttacked(denoHost, folder, IMAGES),
    /HostError: .*attacked-[0-9a-f]{8}\.png: cannot/,
  );
});

Deno.test("files are named by what a figure asks for, not by how it is titled", async () => {
  const { numbers } = await attackedFiles(IMAGES);
  assert.ok(isAttackedName(numbers));
  const same: AttackFigure[] = [{ ...IMAGES, title: "Fooled" }, { ...IMAGES, arm: "mlp" }];
  for (const figure of same) assert.equal((await attackedFiles(figure)).numbers, numbers);
  const others: AttackFigure[] = [
    STRIPS,
    { ...STRIPS, attack: "noise" },
    { ...STRIPS, epsilons: [0.1, 0.2] },
    { ...IMAGES, images: 3 },
    { ...IMAGES, amplified: 10 },
    { ...IMAGES, attack: { ...pgd, epsilon: 0.3 } },
  ];
  const names = await Promise.all([IMAGES, ...others].map(attackedFiles));
  assert.equal(new Set(names.map(({ picture }) => picture)).size, names.length);
  for (const name of ["samples/attacked-1.png", "../samples/attacked-00000000.png", "attacked"]) {
    assert.ok(!isAttackedName(name), name);
  }
});
