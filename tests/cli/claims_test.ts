import assert from "node:assert/strict";
import { testInPlace } from "./process.ts";

testInPlace(
  "claims prints every claim of this project, judged by what is locked",
  async ({ run }) => {
    const { code, stdout } = await run("claims", []);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^cnn: CNN on CIFAR-10\n {2}\S+experiments\/cnn\/locked: standard, \d+ cells\n\n/m,
    );
    assert.match(stdout, /^ {2}supported {5}cnn-memory +L13a\/b "Convolutional/m);
    assert.match(stdout, /^ {4}Says: Training convolutions needs a huge amount of memory\.$/m);
    assert.match(stdout, /^ {4}Note: 32x32 is not large\.$/m);
    assert.match(
      stdout,
      /^mnist: .+\n {2}\S+mnist\/locked: .+\n\n {2}It declares no claims\.\n\n/m,
    );
    assert.match(stdout, /^worked-examples: /m);
  },
);

testInPlace("claims without a run or a lock are not run", async ({ run }) => {
  const { code, stdout } = await run("claims", ["tiny"], "claims.ts");
  assert.equal(code, 0);
  assert.match(stdout, /^tiny: Tiny nets\n {2}no run yet: deno task experiment tiny\n\n/m);
  assert.match(stdout, /^ {2}not run {2}tiny-parameters /m);
});

testInPlace("claims takes its verdicts from the newest run", async ({ run }) => {
  for (const args of [["tiny"], ["tiny", "--arms", "narrow", "--steps", "1", "--set", "batch=4"]]) {
    assert.equal((await run("experiment", [...args, "--device", "cpu"], "experiment.ts")).code, 0);
  }
  const { code, stdout } = await run("claims", ["tiny"], "claims.ts");
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^tiny: Tiny nets\n {2}runs\/tiny\/\S+: quick with --arms narrow --steps 1 --set batch=4,\s+1\s+cell,\s+stand-in data\n/,
  );
  assert.match(stdout, /^ {2}supported +tiny-parameters +none, page 2 \(by construction\)$/m);
  assert.match(stdout, /^ {4}parameters, narrow: exactly 7,850; measured 7,850$/m);
  assert.match(stdout, /^ {4}Because: stand-in data$/m);
});

testInPlace("claims of an unknown experiment names the nearest", async ({ run }) => {
  const { code, stdout, stderr } = await run("claims", ["count"], "claims.ts");
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /^error: there is no experiment "count"; did you mean "counts"\?.*\n$/);
});

testInPlace("claims names the file of a run that is damaged", async ({ folder, run }) => {
  await Deno.mkdir(`${folder}/runs/tiny/2026`, { recursive: true });
  await Deno.writeTextFile(`${folder}/runs/tiny/2026/run.json`, "{}");
  const { code, stderr } = await run("claims", ["tiny"], "claims.ts");
  assert.equal(code, 2);
  assert.match(stderr, /^error: runs\/tiny\/2026\/run\.json is no record of this version.*\n$/);
});

testInPlace("claims --help and an unknown option", async ({ run }) => {
  const help = await run("claims", ["--help"]);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^Usage: deno task claims/);
  const wrong = await run("claims", ["--all"]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /^error: unknown option '--all'\n$/);
});
