import assert from "node:assert/strict";
import type { Layer } from "../../core/nn/layers.ts";
import { type AdversarialConfig, buildAdversarial } from "../../core/train/adversarial.ts";
import { buildLook } from "../../core/train/look.ts";
import { structureOf } from "../../core/train/pair_structure.ts";
import { IMAGE } from "./tiny.ts";
import { CONVOLUTIONAL, DENSE, DROPPING, layers } from "./tiny_pair.ts";

const STORE = { name: "train", count: 40, image: IMAGE };

function build(config: AdversarialConfig) {
  return buildAdversarial(config, STORE);
}

function withNets(
  { generator = DENSE.generator.net, discriminator = DENSE.discriminator.net }: {
    readonly generator?: readonly Layer[];
    readonly discriminator?: readonly Layer[];
  },
): AdversarialConfig {
  return {
    ...DENSE,
    generator: { ...DENSE.generator, net: generator },
    discriminator: { ...DENSE.discriminator, net: discriminator },
  };
}

for (
  const [what, net, output] of [
    ["images too large", [{ layer: "upsample", factor: 8 }], "[8, 8, 8, 2]"],
    ["no images", [{ layer: "flatten" }, { layer: "dense", units: 16 }], "[8, 16]"],
    ["nothing", [], "[8, 1, 1, 2]"],
  ] as const
) {
  Deno.test(`a generator that ends in ${what} is refused with what the discriminator takes`, () => {
    assert.throws(() => build(withNets({ generator: net })), {
      name: "ShapeError",
      message: `the generator's output is ${output}, but the discriminator's input is ` +
        "[8, 4, 4, 1], a batch of images; change the generator's last layers",
    });
  });
}

Deno.test("a discriminator that does not put out one logit an image is refused", () => {
  const discriminator = layers({ layer: "flatten" }, { layer: "dense", units: 2 });
  assert.throws(() => build(withNets({ discriminator })), {
    name: "ShapeError",
    message:
      "the discriminator's output is [8, 2], but a batch of 8 images needs 8 logits; end it " +
      "with one unit or one filter over the whole image",
  });
});

Deno.test("a layer that does not fit is named with the net it stands in", () => {
  const generator = layers({ layer: "reshape", shape: [3] });
  assert.throws(() => build(withNets({ generator })), {
    name: "ShapeError",
    message: 'layer "generator/reshape1": reshape: the input has 2 numbers for each example, ' +
      "[1, 1, 2], but [3] has 3; make them equal",
  });
});

/** The states that a program reads or writes, whatever it keeps to itself. */
function states({ buffers }: ReturnType<typeof build>["generatorStep"]): string[] {
  return buffers.filter(({ kind }) => kind === "state").map(({ name }) => name);
}

Deno.test("the generator's step reads no image and changes nothing of the discriminator", () => {
  for (const config of [CONVOLUTIONAL, DROPPING, DENSE]) {
    const { generatorStep, discriminatorStep } = build(config);
    assert.ok(states(discriminatorStep).includes("train images 0"));
    assert.ok(!states(generatorStep).some((name) => /image|pixel|order/.test(name)));
    for (const [step, other] of [[generatorStep, "discr"], [discriminatorStep, "gener"]] as const) {
      const own = step.buffers.flatMap(({ name }, buffer) => name.startsWith(other) ? buffer : []);
      assert.ok(own.length > 0);
      const written = step.steps.flatMap(({ slices, kernel }) =>
        slices.filter((_, i) => kernel.bindings[i]!.access !== "read").map(({ buffer }) => buffer)
      );
      assert.deepEqual(written.filter((buffer) => own.includes(buffer)), []);
    }
  }
});

Deno.test("the discriminator is told half real and half generated, the generator all real", () => {
  for (const batch of [1, 2, 7]) {
    const config = { ...DENSE, batch };
    assert.deepEqual(structureOf(config, IMAGE, "discriminator"), {
      imageSets: 1,
      labelledReal: batch,
      labelledGenerated: batch,
    });
    assert.deepEqual(structureOf(config, IMAGE, "generator"), {
      imageSets: 0,
      labelledReal: batch,
      labelledGenerated: 0,
    });
  }
  assert.equal(structureOf(DROPPING, IMAGE, "generator").labelledReal, 8);
  assert.equal(structureOf(DROPPING, IMAGE, "discriminator").labelledGenerated, 8);
});

Deno.test("all programs of a pair share its parameters and their keys", () => {
  const programs = build(DROPPING);
  const look = buildLook(DROPPING, { ...STORE, name: "held out" }, programs, undefined, false);
  const all = [
    ...programs.initialise,
    ...[programs.generatorStep, programs.discriminatorStep, look.generated, look.real],
  ];
  const lengths = new Map<string, number>();
  for (const { buffers } of all) {
    for (const { kind, name, length } of buffers) {
      if (kind !== "state") continue;
      assert.equal(lengths.get(name) ?? length, length, name);
      lengths.set(name, length);
    }
  }
  // A dropout of each net, the discriminator's for three kinds of images, the generator's for two
  // uses, and two of codes.
  assert.equal(lengths.get("discriminator stream keys"), 3 * 64);
  assert.equal(lengths.get("generator stream keys"), 4 * 64);
});

Deno.test("a look reads no training image, no gradient and no moment", () => {
  const programs = build(CONVOLUTIONAL);
  const yardstick = { net: layers({ layer: "flatten" }), features: "flatten1" };
  const heldOut = { ...STORE, name: "held out" };
  const look = buildLook(CONVOLUTIONAL, heldOut, programs, yardstick, true);
  const read = [look.generated, look.real, look.known!, look.noise!].flatMap(states);
  assert.ok(read.every((name) => !/train|gradient|moment|stream|keys/.test(name)), read.join());
  assert.ok(!states(look.generated).some((name) => name.startsWith("held out")));
});

Deno.test("a yardstick that lacks the named layer is refused with those it has", () => {
  const yardstick = {
    net: layers({ layer: "flatten" }, { layer: "dense", units: 3 }),
    features: "relu1",
  };
  assert.throws(() => buildLook(DENSE, STORE, build(DENSE), yardstick, false), {
    name: "ShapeError",
    message: 'the yardstick has no layer "relu1"; it has flatten1, dense1',
  });
});
