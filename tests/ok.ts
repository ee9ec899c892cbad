/**
 * The gate: format, lint, types, then every suite; the last line says how many tests passed.
 *
 *     deno task ok              on SwiftShader, which it unpacks itself
 *     deno task ok --lavapipe   and on lavapipe, which must be installed
 *     deno task ok --full       both, with 200 random shapes an op instead of 20, and 50 training
 *                               steps of every arm of every experiment instead of 10 of its main arm
 */
const OPTIONS = ["--lavapipe", "--full"];
const unknown = Deno.args.find((argument) => !OPTIONS.includes(argument));
if (unknown !== undefined) {
  console.error(`error: there is no option ${unknown}; there are ${OPTIONS.join(" and ")}`);
  Deno.exit(2);
}
const full = Deno.args.includes("--full");

const steps: string[][] = [
  ["fmt", "--check"],
  ["lint"],
  // Tests are checked as they run; the peers of the bench have their own packages.
  [
    "check",
    "mod.ts",
    "core",
    "reports",
    "experiments",
    "tests/ok.ts",
    "tests/bench/bench.ts",
    "tests/adapters/check.ts",
  ],
  ["check", "--config", "tests/bench/deno.json", "tests/bench/peers"],
  ["check", "--config", "tests/swiftshader/deno.json", "tests/swiftshader/unpack.ts"],
  ["check", "--config", "tests/wasm/deno.json", "tests/wasm/build.ts"],
  ["task", "wasm", "--check"],
  ["task", "test:swiftshader"],
  ...(full || Deno.args.includes("--lavapipe") ? [["task", "test:lavapipe"]] : []),
  ["task", "test:rest"],
  ["task", "test:docs"],
];

let passed = 0, failed = 0;
for (const args of steps) {
  console.log(`\n$ deno ${args.join(" ")}`);
  const child = new Deno.Command("deno", {
    args,
    stdout: "piped",
    env: full ? { SAMEBITS_TEST_RUNS: "200", SAMEBITS_TEST_STEPS: "50" } : {},
  }).spawn();
  let output = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    await Deno.stdout.write(chunk);
    output += decoder.decode(chunk, { stream: true });
  }
  // deno-lint-ignore no-control-regex -- colours
  const summary = /(\d+) passed.*?\| (\d+) failed/.exec(output.replace(/\x1b\[\d*m/g, ""));
  passed += Number(summary?.[1] ?? 0);
  const found = Number(summary?.[2] ?? 0);
  // A step that breaks off is a failure too, however many of its tests passed before.
  failed += found || ((await child.status).success ? 0 : 1);
}
console.log(`\n${passed} passed, ${failed} failed`);
if (failed > 0) Deno.exit(1);
