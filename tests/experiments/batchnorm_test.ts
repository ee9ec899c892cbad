import assert from "node:assert/strict";
import { supervisedSchema } from "../../core/experiment/arms/arm.ts";
import { armsOf } from "../../core/experiment/claims/claim.ts";
import { parametersOf } from "../../core/experiment/arms/nets.ts";
import { arms } from "../../experiments/batchnorm/arms.ts";
import { claims } from "../../experiments/batchnorm/claims.ts";

const trained = Object.entries(arms).flatMap(([name, arm]) =>
  arm.kind === "supervised" ? [[name, supervisedSchema.parse(arm)] as const] : []
);
const kindsOf = (name: string) =>
  trained.find(([arm]) => arm === name)![1].net.map(({ layer }) => layer);
const ACTIVATIONS = ["relu", "sigmoid", "tanh"];

/** What stands on one side of each activation of a net. */
function beside(name: string, offset: number): Set<string> {
  const kinds = kindsOf(name);
  return new Set(
    kinds.flatMap((kind, i) => ACTIVATIONS.includes(kind) ? [kinds[i + offset]!] : []),
  );
}

for (const [name, arm] of trained) {
  const kinds = arm.net.map(({ layer }) => layer);
  const normalised = kinds.filter((kind) => kind === "batchNorm").length;
  const hidden = kinds.filter((kind) => ACTIVATIONS.includes(kind)).length;

  Deno.test(`${name} has its batch normalisations where its name says`, () => {
    assert.equal(kinds.at(-1), "dense", "the output is not normalised");
    if (name.endsWith("-before") || name.includes("-bn-")) {
      assert.equal(normalised, hidden);
      assert.deepEqual([...beside(name, -1)], ["batchNorm"]);
    } else if (name.endsWith("-after")) {
      assert.equal(normalised, hidden);
      assert.deepEqual([...beside(name, 1)], ["batchNorm"]);
    } else if (name.endsWith("-input") || name.endsWith("-raw-bn")) {
      assert.equal(normalised, 1);
      assert.equal(kinds.find((kind) => kind !== "flatten"), "batchNorm");
    } else assert.equal(normalised, 0);
  });

  Deno.test(`${name} has a bias wherever no batch normalisation follows`, () => {
    for (const [i, layer] of arm.net.entries()) {
      if (!("bias" in layer) && layer.layer !== "dense" && layer.layer !== "conv2d") continue;
      assert.equal(
        (layer as { bias?: false }).bias,
        kinds[i + 1] === "batchNorm" ? false : undefined,
      );
    }
  });
}

Deno.test("the reference net is the one of cnn", () => {
  assert.equal(parametersOf(supervisedSchema.parse(arms["cnn-none"])), 122_570);
});

for (const { id, parts } of claims) {
  Deno.test(`${id} compares arms that see the same images as often`, () => {
    for (const part of parts) {
      const seen = armsOf(part).flatMap((name) => {
        const arm = trained.find(([other]) => other === name)?.[1];
        if (!arm) return [];
        const { data, trainImages, subset, batch, steps, epochs } = arm;
        return [JSON.stringify([data, trainImages, subset, batch, steps, epochs])];
      });
      assert.ok(new Set(seen).size <= 1, part.part);
    }
  });
}
