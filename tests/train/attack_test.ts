import assert from "node:assert/strict";
import { nearestBytes } from "../../core/data/pixels.ts";
import { type AttackDeclaration, attackSchema, brief, targetOf } from "../../core/train/attack.ts";
import { requireWithin } from "../../core/train/attack_bounds.ts";
import { parse } from "../../core/experiment/parse.ts";

const PGD = { attack: "pgd", epsilon: 0.1, stepSize: 0.02, steps: 20 } as const;

function refused(attack: unknown, message: RegExp): void {
  assert.throws(() => parse(attackSchema, attack, "attack"), { name: "DeclarationError", message });
}

Deno.test("an attack is declared with what it needs, and the rest stands at its default", () => {
  assert.deepEqual(attackSchema.parse(PGD), {
    ...PGD,
    ...{ norm: "max", start: "random", restarts: 1, loss: "cross-entropy" },
  });
  const declared: AttackDeclaration[] = [
    { attack: "fgsm", epsilon: 8 / 255 },
    { attack: "fgsm", epsilon: 1, target: "airplane" },
    { attack: "noise", epsilon: 0.3 },
    PGD,
    { ...PGD, start: "image", loss: "margin", target: "7" },
    { ...PGD, norm: "l2", epsilon: 100, stepSize: 3, restarts: 2 },
  ];
  for (const attack of declared) assert.deepEqual(brief(attackSchema.parse(attack)), attack);
});

Deno.test("an attack that makes no sense is refused in words", () => {
  const range =
    "must lie above 0 and at most at 1, the range of a pixel \\(8 grey levels are 8/255\\)";
  for (const epsilon of [-0.1, 0, 1.5]) {
    for (const attack of [{ attack: "fgsm" }, { attack: "noise" }, { ...PGD }]) {
      const expected = `^attack: epsilon: epsilon ${range}, found ${epsilon}$`;
      // Below 0 in either norm; above 1 only where it is a pixel's own.
      refused(
        { ...attack, epsilon },
        epsilon > 0 || attack.attack !== "pgd"
          ? new RegExp(expected)
          : /epsilon must lie above 0 and at most at 100, found /,
      );
    }
  }
  refused({ attack: "fgsm", epsilon: NaN }, /epsilon: epsilon must lie .*, found NaN/);
  refused({ attack: "fgsm", epsilon: "0.1" }, /epsilon: epsilon must lie .*, found 0.1/);
  refused({ attack: "fgsm" }, /epsilon: epsilon must lie .*, found undefined/);
  refused(
    { ...PGD, stepSize: 2 },
    /stepSize: stepSize must lie above 0 and at most at 1, .* found 2/,
  );
  refused(
    { ...PGD, norm: "l2", epsilon: 101 },
    /epsilon must lie above 0 and at most at 100, found/,
  );
  refused({ ...PGD, steps: 0 }, /steps/);
  refused({ ...PGD, start: "image", restarts: 2 }, /from the image itself every try is the same/);
  refused({ attack: "fgsm", epsilon: 0.1, stepSize: 1 }, /"stepSize" is no field here/);
  refused({ ...PGD, norm: "l1" }, /norm: .*did you mean "l2"/);
  refused({ ...PGD, attack: "pdg" }, /attack: .*/);
});

Deno.test("a target is the place of its class's name", () => {
  const [fgsm, noise] = [
    attackSchema.parse({ attack: "fgsm", epsilon: 0.1, target: "cat" }),
    attackSchema.parse({ attack: "noise", epsilon: 0.1 }),
  ];
  assert.equal(targetOf(fgsm, ["bird", "cat"]), 1);
  assert.equal(targetOf(noise, ["bird", "cat"]), undefined);
  assert.throws(() => targetOf(fgsm, ["bird", "dog"]), {
    name: "RangeError",
    message: 'there is no class "cat" to aim at; there are: bird, dog',
  });
});

Deno.test("the nearest bytes of pixels are theirs again", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, k) => k);
  assert.deepEqual(nearestBytes(Float32Array.from(bytes, (k) => k / 255)), bytes);
  assert.deepEqual([...nearestBytes(Float32Array.of(2.49 / 255, 2.51 / 255))], [2, 3]);
});

Deno.test("an image outside its bounds is found, in either norm", () => {
  const max = attackSchema.parse({ ...PGD, epsilon: 0.1 });
  const l2 = attackSchema.parse({ ...PGD, epsilon: 0.1, norm: "l2" });
  const origins = Float32Array.of(0.5, 0.5, 0.5, 0.05);
  const moved = (...by: number[]) => origins.map((x, i) => x + (by[i] ?? 0));
  requireWithin(max, moved(0.1, 0.1, -0.1, -0.05), origins, 2);
  requireWithin(l2, moved(0.1, 0, 0.07, -0.05), origins, 2);
  const broken = (attack: typeof max, attacked: Float32Array, message: RegExp) =>
    assert.throws(() => requireWithin(attack, attacked, origins, 2), {
      name: "RangeError",
      message,
    });
  broken(max, moved(0, 0, 0.1001), /image 1 under pgd lies 0.1\d+ from where .* epsilon is 0.1;/);
  broken(max, moved(0.1 + 2 ** -23), /image 0 under pgd lies/);
  broken(l2, moved(0.08, 0.08), /image 0 under pgd lies 0.113/);
  broken(max, moved(0, 0, 0, -0.06), /image 1 under pgd has a pixel of -0.0\d+, outside 0..1/);
  broken(max, moved(0, NaN), /image 0 under pgd has a pixel of NaN/);
  broken(
    attackSchema.parse({ ...PGD, epsilon: 1 }),
    moved(0.51),
    /a pixel of 1.00\d+, outside 0..1/,
  );
});
