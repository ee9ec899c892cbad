/** What README.md shows is what runs. */
import assert from "node:assert/strict";
import { onCanvas } from "../../core/data/canvas.ts";
import { firstImages } from "../../core/data/dataset.ts";
import { cifar10StandIn } from "../../core/data/stand_in_cifar10.ts";
import { mnistStandIn } from "../../core/data/stand_in_mnist.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { readPredictions } from "../../core/experiment/samples/samples.ts";
import cnn from "../../experiments/cnn/mod.ts";
import { inFolder, runTiny, testInFolder } from "../experiment/tiny.ts";
import { python, pythonHas } from "../python.ts";
import { testInPlace } from "./process.ts";
import type { Result } from "./run_fixtures.ts";

const ROOT = new URL("../../", import.meta.url);
const README = await Deno.readTextFile(new URL("README.md", ROOT));

Deno.test("every command that the README names is a task", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const named = [...README.matchAll(/deno(?:@[\d.]+)? task ([\w:]+)/g)].map((match) => match[1]!);
  assert.ok(named.length >= 6);
  assert.deepEqual(named.filter((name) => !(name in tasks)), []);
});

/** The one block of the README in a language that holds some text. */
function block(language: string, text: string): string {
  const blocks = [...README.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))]
    .map((match) => match[1]!).filter((code) => code.includes(text));
  assert.equal(blocks.length, 1, `one block with ${text}`);
  return blocks[0]!;
}

testInPlace("the README's own experiment runs whole and judges its claim", async (place) => {
  const code = block("ts", "defineExperiment").replace("../../mod.ts", `${ROOT.href}mod.ts`);
  assert.ok(code.trim().split("\n").length <= 45, "about 40 lines");
  await Deno.mkdir(`${place.folder}/experiments/digits`, { recursive: true });
  await Deno.writeTextFile(`${place.folder}/experiments/digits/mod.ts`, code);
  const ended = await place.run("experiment", ["digits", "--device", "cpu", "--json"], "own.ts");
  assert.equal(ended.code, 0, ended.stderr);
  const { complete, cells, verdicts } = JSON.parse(ended.stdout) as Result;
  assert.ok(complete && cells.length === 6);
  assert.ok(cells.every(({ metrics }) => metrics["test accuracy"]! > 0.5), "better than chance");
  // Drawn digits decide nothing that needs training.
  assert.deepEqual(verdicts, { "digits-hidden": "inconclusive" });
});

/** A run of two arms with every kind of layer, and the code of a block made to load one of its cells. */
async function loading(folder: string, code: string, arm: string): Promise<string> {
  const { folder: run } = await runTiny(folder, {
    experiment: cnn,
    arms: [arm],
    seeds: [0],
    steps: 1,
    set: { trainImages: 64, validationImages: 8, testImages: 8 },
  });
  const loaded = code
    .replace("./mod.ts", new URL("mod.ts", ROOT).href)
    .replace("runs/cnn/RUN/reference-s0", `${run}/${arm}-s0`);
  assert.ok(!loaded.includes("RUN"));
  return loaded;
}

testInFolder("the README's five lines load a trained net and predict", async (folder) => {
  const code = await loading(folder, block("ts", "loadNet"), "dense");
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

/** The sample images of a cell, by the README's code, as JSON. */
const SAMPLES = `
import numpy, sys
picture = numpy.frombuffer(sys.stdin.buffer.read(), numpy.uint8)
images = torch.from_numpy(picture.reshape([int(n) for n in sys.argv[1:]]) / numpy.float32(255))
print(json.dumps(logits(images).softmax(1).tolist()))
`;

for (const arm of ["reference", "digits-pooled"]) {
  Deno.test({
    name: `the README's Python gives the ${arm} arm's predictions in PyTorch ` +
      "(needs --allow-run=python3 and `pip install torch numpy safetensors`)",
    ignore: !await pythonHas("torch", "numpy", "safetensors.torch"),
    fn: inFolder(async (folder) => {
      const code = await loading(folder, block("python", "load_file"), arm);
      const cell = /cell = "(.*)"/.exec(code)![1]!;
      const { predictions } = (await readPredictions(denoHost, cell))!;
      const data = arm === "reference"
        ? await cifar10StandIn()
        : onCanvas(await mnistStandIn(), 56);
      const { pixels, count } = firstImages(data.test, predictions.images.length);
      const shown = code.replace(/^print.*$/m, SAMPLES);
      const args = ["-c", shown, ...[count, ...data.shape].map(String)];
      const found = JSON.parse(await python(args, pixels)) as number[][];
      for (const [i, { probabilities }] of predictions.images.entries()) {
        for (const [k, expected] of probabilities.entries()) {
          assert.ok(Math.abs(found[i]![k]! - expected) < 1e-5, `${found[i]![k]} ${expected}`);
        }
      }
    }),
  });
}
