import assert from "node:assert/strict";
import { timing } from "../../core/experiment/arms/timing.ts";
import { type Claim, claimDigest } from "../../core/experiment/claims/claim.ts";
import { defineExperiment } from "../../core/experiment/define.ts";
import { claimsSection } from "../../reports/claims.ts";
import { cell, cells, DECLARATION, experiment, textOf, tinyRun } from "./fixture.ts";

const section = async (...options: Parameters<typeof tinyRun>) =>
  claimsSection(await tinyRun(...options)).text;

Deno.test("claims are counted by verdict, those by construction apart", async () => {
  const text = textOf(await section());
  assert.match(
    text,
    /3 claims: 1 supported 1 refuted 1 mixed 1 by construction, [^:]+: 1 supported/,
  );
});

Deno.test("a claim shows source, paraphrase, criterion, measurement, marks, note and reason", async () => {
  const text = textOf(await section());
  assert.match(text, /The larger net, says tiny-better\. L13a\/b &quot;Nets&quot; tiny-better/);
  assert.match(text, /test accuracy, large minus small: above 5\.0 points, at least 3 seeds/);
  assert.match(text, /21\.0 points \[[\d., ]+\] n = 3/);
  assert.match(text, /tiny-more by construction/);
  assert.match(text, /14 exact, n = 3/);
  assert.match(text, /Note: Of its own accord\./);
  assert.match(text, /Because: accuracy supported; seven refuted/);
  assert.match(text, /L13b ML and DL, Lecture 13, later edition/);
  assert.doesNotMatch(text, /CS404/);
});

Deno.test("a claim on times names the machine that they were taken on", async () => {
  const claim: Claim = {
    ...{ id: "tiny-time", lecture: "none", paraphrase: "The larger net takes longer." },
    parts: [{
      ...{ part: "time", measure: "step of large over small", compare: "above", value: 1.25 },
      pairing: { arm: "times" },
      minSeeds: 2,
    }],
  };
  const declared = defineExperiment({
    ...DECLARATION,
    arms: { ...DECLARATION.arms, times: timing({ arms: ["small", "large"], rounds: 3 }) },
    claims: [claim],
  });
  const claims = { [claim.id]: await claimDigest(claim) };
  const records = await Promise.all([0, 1].map(async (seed) => {
    const record = await cell("times", seed, { config: { kind: "timing" } });
    const measures = { "step of large over small": 1.5 + seed / 1000 };
    return { ...record, measures, digests: { ...record.digests, claims } };
  }));
  assert.match(
    textOf(await section({ records, declared })),
    /step of large over small, times: above 1\.25.* 1\.5 \[.*\] n = 2, on Some CPU, cpu device, 2 threads/,
  );
  assert.match(
    textOf(await section({ records, declared })),
    /own sampling error[^;.]*, about .*; of times, how the machine&#39;s speed swayed between seeds\./,
  );
  assert.doesNotMatch(textOf(await section()), /of times/);
  const [first, second] = [records[0]!, records[1]!];
  const { threads: _, ...device } = {
    ...second.device,
    ...{ kind: "webgpu" as const, name: "Some GPU" },
  };
  assert.match(
    textOf(await section({ records: [first, { ...second, device }], declared })),
    /on Some CPU, cpu device, 2 threads and Some GPU, webgpu device/,
  );
});

Deno.test("the parts of a claim stand under it, with their own verdicts", async () => {
  const page = await section();
  const body = page.split("<tbody>").find((body) => body.includes("tiny-both"))!;
  assert.equal(body.match(/rowspan="2"/g)!.length, 2);
  assert.match(textOf(body), /accuracy test accuracy,.* supported seven parameters, .* refuted/);
});

Deno.test("it says what intervals cover and how many would miss by chance", async () => {
  const text = textOf(await section());
  assert.match(text, /0\.15 of 3 intervals would miss by chance \(5 %\)\./);
  assert.match(text, /not the test set's own sampling error, about 1\.0 points at 10,000 images/);
  assert.match(text, /Not testable here: history/);
});

Deno.test("without cells every claim is not run, and no interval is spoken of", async () => {
  const text = textOf(await section({ records: [] }));
  assert.match(text, /3 claims: 3 not run/);
  assert.doesNotMatch(text, /by chance|interval of the mean/);
});

Deno.test("stand-in data and other criteria are named as reasons", async () => {
  const standIn = (await cells()).map((cell) => ({ ...cell, standIn: true }));
  assert.match(textOf(await section({ records: standIn })), /Because: stand-in data/);
  const old = await cell("large", 0);
  const other = { ...old, digests: { ...old.digests, claims: {} } };
  const text = textOf(await section({ records: [other] }));
  assert.match(text, /Because: 1 cell was run under other criteria/);
});

Deno.test("an experiment without claims says so", async () => {
  const text = await section({ declared: { ...experiment, claims: [] } });
  assert.match(textOf(text), /It declares none\./);
});
