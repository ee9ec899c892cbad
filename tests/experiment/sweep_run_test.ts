/** A run with sweeps: what it leaves, what it chooses, and that absurd points do not stop it. */
import assert from "node:assert/strict";
import { defineExperiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import { resultsFrom } from "../../core/experiment/claims/results.ts";
import { choicesOf } from "../../core/experiment/measures/choices.ts";
import { meaningsOf } from "../../core/experiment/measures/measure_digest.ts";
import { readRecord, runRecordSchema } from "../../core/experiment/records/record.ts";
import { runTiny, testInFolder, Watch } from "./tiny.ts";
import { RATE, SWEPT, swept } from "./tiny_sweep.ts";

const record = (folder: string) => readRecord(denoHost, `${folder}/run.json`, runRecordSchema);

testInFolder(
  "a run with sweeps ends, diverged cells and all, and names its choices",
  async (folder) => {
    const { complete, cells, folder: run } = await runTiny(folder, { experiment: swept });
    assert.ok(complete);
    const of = (seed: number) => cells.filter((cell) => cell.seed === seed);
    for (const seed of [0, 1, 1000]) {
      assert.deepEqual(
        of(seed).map(({ arm, point, status, tuning }) => [arm, point[RATE], status, tuning]),
        ["narrow", "linear"].flatMap((arm) => {
          const at = (
            rate: number | undefined,
            status: string,
          ) => [arm, rate, status, seed === 1000];
          const [low, own] = [at(0.01, "finished"), at(undefined, "finished")];
          // The arm itself comes first, where its cell does not only tune.
          return [...(seed === 1000 ? [low, own] : [own, low]), at(1e37, "diverged")];
        }),
      );
    }
    const { choices } = await record(run);
    assert.deepEqual(choices, choicesOf(swept, cells));
    assert.deepEqual(
      choices!.map(({ arm, values }) => [arm, values.map(({ point }) => point[RATE])]),
      [
        ["narrow", [0.01, 0.1, 1e37]],
        ["linear", [0.01, 0.1, 1e37]],
      ],
    );
    for (const { values, chosen } of choices!) {
      assert.equal(values[2]!.value, null);
      const [low, own] = values.map(({ value }) => value!);
      assert.equal(chosen![RATE], own! > low! ? 0.1 : 0.01);
    }
    const main = resultsFrom(swept, cells).find(({ arm, seed, point }) =>
      arm === "linear" && seed === 1 && Object.keys(point).length === 0
    )!;
    assert.equal(main.measures["largest rate"], 0.1);
    assert.ok([4, 8, 12].includes(Number(main.measures["steps at best"])));
    assert.equal(typeof main.measures["better"], "number");
  },
);

testInFolder(
  "main cells record what the measures across cells mean, others do not",
  async (folder) => {
    const { cells } = await runTiny(folder, { experiment: swept });
    const meanings = await meaningsOf(swept);
    for (const { arm, tuning, point, status, measures, digests } of cells) {
      if (status === "diverged") continue;
      const main = !tuning && Object.keys(point).length === 0;
      const across = ["largest rate", "steps at best", ...(arm === "linear" ? ["better"] : [])];
      const within = tuning ? ["validation accuracy"] : [
        ...["test accuracy", "parameters", "validation accuracy"],
      ];
      const expected = main ? [...within, ...across] : within;
      assert.deepEqual(
        digests.measures,
        Object.fromEntries(expected.map((name) => [name, meanings(name, arm)])),
      );
      assert.deepEqual(Object.keys(measures), within);
      assert.deepEqual(
        Object.keys(digests.claims),
        arm === "linear"
          ? ["tiny-steps", "tiny-rate"]
          // It is the reference of the first.
          : ["tiny-steps"],
      );
    }
  },
);

testInFolder(
  "choices are kept as soon as their cells are done, and a resume makes the same",
  async (folder) => {
    const whole = await runTiny(folder, { experiment: swept });
    const { choices: expected } = await record(whole.folder);
    // One step of each absurd point; the last arm's tuning cells come last.
    const steps = whole.cells.reduce((sum, { progress }) => sum + progress.step, 0);
    const stopped = await runTiny(folder, { experiment: swept, watch: new Watch(steps - 5) });
    assert.ok(!stopped.complete);
    const { choices } = await record(stopped.folder);
    assert.deepEqual(choices, expected!.slice(0, 1));
    await runTiny(folder, { experiment: swept, resume: stopped.folder });
    assert.deepEqual((await record(stopped.folder)).choices, expected);

    // By another measure they are made again, without training.
    const { "steps at best": best, ...others } = SWEPT.measures;
    const claims = SWEPT.claims.slice(1);
    const without = defineExperiment({ ...SWEPT, measures: others, claims });
    const watch = new Watch();
    await runTiny(folder, { experiment: without, resume: stopped.folder, watch });
    assert.deepEqual((await record(stopped.folder)).choices, []);
    assert.equal(watch.steps, 0);
    const more = { ...others, "more steps": { ...best, share: 0.75 } };
    const again = defineExperiment({ ...SWEPT, measures: more, claims });
    await runTiny(folder, { experiment: again, resume: stopped.folder, watch });
    assert.deepEqual((await record(stopped.folder)).choices, expected);
    assert.equal(watch.steps, 0);
  },
);
