import assert from "node:assert/strict";
import { testInPlace } from "./process.ts";
import { ADAPTER, assertRefused, FIXTURES, names } from "./run_fixtures.ts";

const WRONG: readonly (readonly [args: string, code: number, words: string])[] = [
  ["tinny", 2, `there is no experiment "tinny"; did you mean "tiny"?`],
  ["", 2, "name an experiment: counts, odd, tiny"],
  ["tiny counts", 2, "too many arguments"],
  ["nameless", 2, "its default export must be defineExperiment"],
  ["tiny --arms wid", 2, `there is no arm "wid"; did you mean "wide"?`],
  ["tiny --claim tiny-parameter", 2, `did you mean "tiny-parameters"?`],
  ["tiny --sed 3", 2, "unknown option '--sed' (did you mean"],
  ["tiny --preset qick", 2, "Allowed choices are quick, standard, lecture."],
  ["tiny --device gpu", 2, "Allowed choices are auto, webgpu, cpu."],
  ["tiny --seed 1 --seeds 2", 2, "cannot be used with option"],
  ["tiny --seed 4294967296", 2, "Give a whole number from 0 to 4294967295."],
  ["tiny --seed 0.5", 2, "Give a whole number from 0 to 4294967295."],
  ["tiny --seeds 0", 2, "Give a whole number from 1."],
  ["tiny --seeds 5..2", 2, "The first seed is larger than the last."],
  ["tiny --seeds 1..2..3", 2, "Give 5, or 5..9."],
  ["tiny --seeds 5000", 2, "At most 1000 seeds at a time."],
  ["tiny --seeds", 2, "argument missing"],
  ["tiny --arms ,", 2, "Give names of arms: a,b."],
  ["tiny --steps 0", 2, "Give a whole number from 1."],
  ["tiny --set batch", 2, "Give a path and a value: batch=32."],
  ["tiny --set bacth=3", 2, `there is no field "bacth"; did you mean "batch"?`],
  ["tiny --set batch=many", 2, `arm "narrow": batch: `],
  ["tiny --set net.5.units=3", 2, `there is no field "5"`],
  ["tiny --set batch=81", 2, "make the batch smaller"],
  ["tiny --set trainImages=60000", 2, "set trainImages to at most that"],
  ["tiny --set net.1.units=9 --arms narrow", 2, "end the net with dense({ units: 10 })"],
  [
    `tiny --set net.2={"layer":"batchNorm"} --set batch=1 --arms wide`,
    2,
    'error: wide-s0: layer "batchNorm1": the input [1, 4] has one number a channel, whose variance ' +
    "says nothing; train with a batch of at least 2\n",
  ],
  [`tiny --set weights={"he":"large"}`, 2, "weights: { normal: a standard deviation } or { he: "],
  ["tiny --set pixels=standardized", 2, 'did you mean "standardised"?'],
  [`tiny --set evaluations={"evry":4}`, 2, "or { every: steps }"],
  ["tiny --resume nowhere", 5, "nowhere/run.json: cannot be read: no such file or folder."],
];

testInPlace("each mistake gets one clear line and leaves nothing behind", async (place) => {
  const left = WRONG.values();
  // Two at a time: more only fight for the processor.
  await Promise.all([left, left].map(async (cases) => {
    for (const [args, code, words] of cases) {
      const given = args.split(" ").filter((word) => word !== "");
      assertRefused(await place.run("experiment", given, FIXTURES), code, words);
    }
  }));
  assert.deepEqual(await names(place.folder), []);
});

testInPlace("a runs folder that cannot be written is named", async (place) => {
  await Deno.writeTextFile(`${place.folder}/runs`, "");
  const ended = await place.run("experiment", ["counts"], FIXTURES);
  assertRefused(ended, 5, "cannot be made: a part of the path is a file");
});

testInPlace("a mistake inside an experiment shows where it is", async ({ run }) => {
  const { code, stderr } = await run("experiment", ["odd", "--arms", "breaks"], FIXTURES);
  assert.equal(code, 1);
  assert.match(stderr, /^TypeError: a mistake in this arm\n {4}at .+odd\/mod\.ts/);
});

testInPlace("other bits from the WGSL kernels have an exit code of their own", async ({ run }) => {
  const { code, stdout } = await run("experiment", ["odd", "--arms", "changes"], FIXTURES);
  assert.equal(code, ADAPTER.test(stdout) ? 0 : 6);
  if (code === 6) assert.match(stdout, /\ncheck +WGSL CHECKED ON .+: OTHER BITS/);
});
