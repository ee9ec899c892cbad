import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { HostError } from "../../core/experiment/host_interface.ts";
import { stream, uniform } from "../../core/random/streams.ts";
import { bytesIn } from "../folders.ts";
import { allLeft, assertWhole, killAt, MORTAL, mortal, runOf, toTheEnd } from "./mortal.ts";
import { runTiny, testInFolder } from "./tiny.ts";

/** Thirty epochs for each net, with a checkpoint after each. */
const STEPS = 120;

/** What a process says at times of a run's life, in their order. */
const LIFE = [
  /^before making: .*narrow-s0$/,
  /^started: narrow-s0/,
  /^after rename: .*narrow-s0\/checkpoint/,
  /^after rename: .*narrow-s0\/checkpoint/,
  /^before making: .*narrow-s0\/samples/,
  /^reading: 1/,
  /^started: neighbour/,
  /^compared: neighbour/,
  /^started: linear-s0/,
  /^after rename: .*linear-s0\/checkpoint/,
  /^ended: linear-s0/,
  /^after rename: .*pair-s0\/samples\/generated-/,
  /^after rename: .*pair-s0\/checkpoint/,
  /^started: wild-s0/,
];

/** Repeats the kills of a failure, as far as time does. */
const SEED = Number(Deno.env.get("SAMEBITS_TEST_SEED") ?? Math.floor(Math.random() * 2 ** 32));

testInFolder(
  "killed at random, time and again, a run leaves what one leaves that nobody disturbed",
  async (folder) => {
    const whole = { folder: `${folder}/whole`, steps: STEPS };
    const { milliseconds } = await mortal(whole);
    const expected = await allLeft((await runOf(whole.folder))!);
    const kills: string[] = [];
    const left = await Promise.all([0, 1].map(async (n) => {
      const random = stream(SEED, `kills ${n}`);
      const ended: unknown[] = [];
      const order = () => ({ folder: `${folder}/killed-${n}-${ended.length}`, steps: STEPS });
      let draws = 0;
      for (const said of LIFE) {
        for (let met = false; !met;) {
          const { folder } = order();
          const { killed, last, stderr } = await mortal(
            { ...order(), resume: await runOf(folder) },
            {
              when: (line) => said.test(line),
              // Mostly at once, sometimes much later.
              after: () => wait(milliseconds / LIFE.length * uniform(random, 0, draws++) ** 2),
            },
          );
          assert.equal(stderr, "");
          await assertWhole(folder);
          met = killed;
          if (killed) kills.push(last.replace(/: .*\/(?=[\w=-]+-s0)/, ": "));
          // It came to its end before: another takes its place.
          else ended.push(await allLeft((await runOf(folder))!));
        }
      }
      return [...ended, await allLeft(await toTheEnd(order()))];
    }));
    const story = `SAMEBITS_TEST_SEED=${SEED}: killed after\n  ${kills.join("\n  ")}`;
    console.log(story);
    for (const each of left.flat()) assert.deepEqual(each, expected, story);
    assert.ok(kills.length >= 20, story);
  },
);

testInFolder("a run in one process keeps others out until it is killed", async (folder) => {
  const arms = ["linear"];
  const whole = await toTheEnd({ folder: `${folder}/whole`, arms });
  const order = { folder: `${folder}/killed`, arms };
  const until = { moment: "half appended", path: "linear-s0/metrics.csv", nth: 2 };
  const { killed } = await mortal({ ...order, until }, {
    when: (line) => line === "held",
    async after() {
      const resume = (await runOf(order.folder))!;
      const before = await bytesIn(resume);
      await assert.rejects(
        runTiny(order.folder, { experiment: MORTAL, resume }),
        (error) =>
          error instanceof HostError &&
          error.message.startsWith(`${resume}: another process is writing there.`),
      );
      assert.deepEqual(await bytesIn(resume), before);
    },
  });
  assert.ok(killed);
  assert.deepEqual(await allLeft(await toTheEnd(order)), await allLeft(whole));
});

testInFolder("of processes that resume one run together, one does at a time", async (folder) => {
  const order = { folder: `${folder}/killed`, arms: ["linear"] };
  const whole = await toTheEnd({ ...order, folder: `${folder}/whole` });
  await killAt({ moment: "after rename", path: "checkpoint.safetensors" }, order);
  const resume = await runOf(order.folder);
  const ended = await Promise.all([1, 2, 3].map(() => mortal({ ...order, resume })));
  const refused = ended.filter(({ code }) => code !== 0);
  for (const { stderr } of refused) assert.match(stderr, /another process is writing there/);
  assert.ok(refused.length < ended.length, refused[0]?.stderr);
  assert.deepEqual(await allLeft(resume!), await allLeft(whole));
});
