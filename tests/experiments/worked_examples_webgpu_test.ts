import assert from "node:assert/strict";
import { cpu, test, webGpu } from "../ops/harness.ts";
import { claims, compute, expectedVerdict, verdictOn } from "./worked_examples.ts";

for (const claim of claims) {
  const expected = expectedVerdict(claim.id);
  test(`${claim.id} is ${expected} on WebGPU, by the reference's very numbers`, async () => {
    const results = await compute(await webGpu(), claim);
    assert.equal((await verdictOn(claim, results)).verdict, expected);
    assert.deepEqual(results, await compute(cpu, claim));
  });
}
