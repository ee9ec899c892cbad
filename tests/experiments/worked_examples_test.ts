import assert from "node:assert/strict";
import { openCpu } from "../../core/device/cpu.ts";
import type { Claim } from "../../core/experiment/claims/claim.ts";
import type { Judgement } from "../../core/experiment/claims/judge.ts";
import { armOf, arms, claims, compute, expectedVerdict, verdictOn } from "./worked_examples.ts";

const cpu = openCpu("reference");

/** One input altered by path, and what the judge must then say. */
interface Alteration {
  readonly path: string;
  readonly to: unknown;
  /** `mixed` where the input reaches only some parts of the claim. */
  readonly verdict: Exclude<Judgement["verdict"], "inconclusive" | "not run" | "not seen">;
}

const ALTERATIONS: Readonly<Record<string, Alteration>> = {
  "we-conv2d": { path: "image.4.4", to: 2, verdict: "refuted" },
  // A filter that is its own flip.
  "we-cross-correlation": {
    path: "filter",
    to: [[0, 1, 2], [2, 2, 2], [2, 1, 0]],
    verdict: "refuted",
  },
  "we-toy-net": { path: "input.0", to: -1, verdict: "refuted" },
  "we-softmax": { path: "logits.2", to: 2, verdict: "refuted" },
  "we-parameters": { path: "units.0", to: 5, verdict: "refuted" },
  "we-max-pool": { path: "image.3.3", to: 5, verdict: "refuted" },
  "we-steps": { path: "batch", to: 49, verdict: "refuted" },
  "we-dense-connections": { path: "units", to: 1001, verdict: "refuted" },
  "we-weight-sharing-count": { path: "kernel", to: 3, verdict: "refuted" },
  "we-weight-sharing-factor": { path: "kernel", to: 1, verdict: "supported" },
  "we-layer-parameters": { path: "image.2", to: 1, verdict: "refuted" },
  "we-padding": { path: "image.0.0", to: 250, verdict: "mixed" },
  "we-receptive-field": { path: "kernel", to: 5, verdict: "refuted" },
  "we-feature-maps": { path: "filters", to: 33, verdict: "refuted" },
  "we-alexnet": { path: "layers.0.stride", to: 3, verdict: "mixed" },
  "we-edge-filters": { path: "filters.Sobel x.1.0", to: 3, verdict: "mixed" },
};

/** The inputs of a claim's arm with one of them altered. */
function altered(claim: Claim, { path, to }: Alteration): Record<string, unknown> {
  const inputs = structuredClone(armOf(claim).inputs) as Record<string, unknown>;
  const keys = path.split(".");
  const last = keys.pop()!;
  const parent = keys.reduce<Record<string, unknown>>(
    (node, key) => node[key] as Record<string, unknown>,
    inputs,
  );
  assert.ok(Object.hasOwn(parent, last), `${claim.id} has no input ${path}`);
  parent[last] = to;
  return inputs;
}

for (const claim of claims) {
  const expected = expectedVerdict(claim.id);
  Deno.test(`${claim.id} is ${expected} by the lecture's own numbers`, async () => {
    const { verdict, reason, parts } = await verdictOn(claim, await compute(cpu, claim));
    assert.equal(verdict, expected, JSON.stringify({ reason, parts }, undefined, 2));
  });

  const alteration = ALTERATIONS[claim.id];
  Deno.test(`${claim.id} is ${alteration?.verdict} when ${alteration?.path} is altered`, async () => {
    assert.ok(alteration, "every example needs an alteration");
    assert.notEqual(alteration.verdict, expected);
    const results = await compute(cpu, claim, altered(claim, alteration));
    const { verdict, reason, parts } = await verdictOn(claim, results);
    assert.equal(verdict, alteration.verdict, JSON.stringify({ reason, parts }, undefined, 2));
  });
}

Deno.test("every arm has its claim, and every result its part", async () => {
  assert.deepEqual(Object.keys(arms), claims.map(({ id }) => id));
  for (const claim of claims) {
    const results = Object.keys(await compute(cpu, claim));
    assert.deepEqual(claim.parts.map(({ measure }) => measure).sort(), results.sort(), claim.id);
  }
});
