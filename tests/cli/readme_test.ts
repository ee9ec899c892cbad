/** What README.md shows is what runs. */
import assert from "node:assert/strict";
import cnn from "../../experiments/cnn/mod.ts";
import { runTiny, testInFolder } from "../experiment/tiny.ts";

const ROOT = new URL("../../", import.meta.url);
const README = await Deno.readTextFile(new URL("README.md", ROOT));

Deno.test("every command that the README names is a task", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const named = [...README.matchAll(/deno(?:@[\d.]+)? task ([\w:]+)/g)].map((match) => match[1]!);
  assert.ok(named.length >= 6);
  assert.deepEqual(named.filter((name) => !(name in tasks)), []);
});

testInFolder("the README's five lines load a trained net and predict", async (folder) => {
  const { folder: run } = await runTiny(folder, {
    experiment: cnn,
    arms: ["dense"],
    seeds: [0],
    steps: 1,
    set: { validationImages: 8, testImages: 8 },
  });
  const shown = /```ts\n([\s\S]*?)```/.exec(README)![1]!;
  const code = shown
    .replace("./mod.ts", new URL("mod.ts", ROOT).href)
    .replace("runs/cnn/RUN/reference-s0", `${run}/dense-s0`);
  assert.ok(!code.includes("RUN"));
  await Deno.writeTextFile(`${folder}/predict.ts`, code);
  const config = new URL("deno.json", ROOT).pathname;
  const { stdout, stderr } = await new Deno.Command("deno", {
    args: [
      ...["run", "--no-prompt", "--config", config, "--allow-read", "--allow-sys=cpus"],
      `${folder}/predict.ts`,
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const printed = new TextDecoder().decode(stdout);
  assert.match(printed, /^\[/, new TextDecoder().decode(stderr));
  const probabilities = JSON.parse(printed.replace(/,\s*\]/, "]")) as number[];
  assert.equal(probabilities.length, 10);
  assert.ok(Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - 1) < 1e-5);
});
