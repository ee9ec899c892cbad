import assert from "node:assert/strict";
import fc from "fast-check";
import { DivergedError, type LoopEvents, runLoop } from "../../core/train/loop.ts";
import type { Trainer, WindowResult } from "../../core/train/trainer.ts";
import { DATA, tinyTrainer } from "./tiny.ts";

/** Writes down what a loop tells; `stopAfter` boundaries it stops. */
class Diary implements LoopEvents {
  readonly entries: string[] = [];
  readonly digests: [number, string][] = [];
  readonly losses: number[] = [];
  #boundaries = 0;

  constructor(readonly stopAfter = Infinity) {}

  steps(from: number, { end, losses, largestGradients }: WindowResult) {
    assert.equal(from, this.losses.length);
    assert.equal(end - from, losses.length);
    assert.equal(losses.length, largestGradients.length);
    this.losses.push(...losses);
  }
  digest(step: number, digest: string) {
    this.digests.push([step, digest]);
  }
  evaluated(step: number, set: string) {
    this.entries.push(`${step} ${set}`);
  }
  boundary(step: number) {
    assert.equal(step, this.losses.length);
    this.#boundaries++;
  }
  stop() {
    return this.#boundaries >= this.stopAfter;
  }
}

const evaluations = {
  validation: { split: "train", indices: Uint32Array.of(1, 2, 3) },
  test: { split: "test", indices: Uint32Array.from(DATA.test.labels.keys()) },
} as const;

Deno.test("a loop tells a digest at 0, every 100 steps and at the end", async () => {
  const diary = new Diary();
  const end = await runLoop(await tinyTrainer(), { from: 0, steps: 230, evaluations: {} }, diary);
  assert.equal(end, 230);
  assert.deepEqual(diary.digests.map(([step]) => step), [0, 100, 200, 230]);
  assert.equal(new Set(diary.digests.map(([, digest]) => digest)).size, 4);
  assert.equal(diary.losses.length, 230);
});

Deno.test("a loop evaluates every set after each epoch and at the end, once", async () => {
  for (const [steps, expected] of [[12, [5, 10, 12]], [10, [5, 10]], [3, [3]]] as const) {
    const diary = new Diary();
    await runLoop(await tinyTrainer(), { from: 0, steps, evaluations }, diary);
    assert.deepEqual(
      diary.entries,
      expected.flatMap((step) => [`${step} validation`, `${step} test`]),
    );
  }
});

/** A trainer whose steps cost nothing; a loss or a gradient goes wrong at step `wrong`, from 1. */
function scripted(
  { stepsPerEpoch = 1000, wrong = Infinity, loss = NaN, gradient = 1 } = {},
): Trainer {
  const steps = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  const double: Partial<Trainer> = {
    stepsPerEpoch,
    train: (from, to) =>
      Promise.resolve({
        end: to,
        losses: steps(from, to).map((step) => step + 1 === wrong ? loss : step),
        largestGradients: steps(from, to).map((step) => step + 1 === wrong ? gradient : 1),
      }),
    weights: () => Promise.resolve(new Float32Array(1)),
    evaluate: () => Promise.resolve({ accuracy: 0, loss: 0, count: 1 }),
  };
  return double as Trainer;
}

for (
  const [what, script] of [
    ["the loss", { loss: NaN }],
    ["the loss", { loss: Infinity }],
    ["a gradient", { loss: 1, gradient: NaN }],
    ["a gradient", { loss: 1, gradient: Infinity }],
  ] as const
) {
  Deno.test(`${what} that is ${Object.values(script).at(-1)} ends the loop with its step`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 150 }), async (wrong) => {
        const diary = new Diary();
        const plan = { from: 0, steps: 150, evaluations: {} };
        await assert.rejects(runLoop(scripted({ wrong, ...script }), plan, diary), (error) => {
          assert.ok(error instanceof DivergedError);
          assert.equal(error.step, wrong);
          assert.match(error.message, new RegExp(`^${what} at step ${wrong} is not finite; lower`));
          return true;
        });
        // The steps before it are told, however they were grouped.
        assert.deepEqual(diary.losses, [...Array(wrong - 1).keys()]);
        assert.deepEqual(
          diary.digests.map(([step]) => step),
          wrong > 100 ? [0, 100] : [0],
        );
      }),
      { numRuns: 30 },
    );
  });
}

Deno.test("stop() is asked before the first step, and ends the loop at a boundary", async () => {
  const plan = { from: 0, steps: 40, evaluations: {} };
  const none = new Diary(0);
  assert.equal(await runLoop(await tinyTrainer(), plan, none), 0);
  assert.deepEqual(none.losses, []);

  const some = new Diary(2);
  const end = await runLoop(await tinyTrainer(), plan, some);
  assert.equal(end, some.losses.length);
  assert.ok(end > 1 && end <= 5, `${end}`);
});

Deno.test("a loop that was stopped goes on to the digest of one that was not", async () => {
  const whole = new Diary();
  const plan = { from: 0, steps: 110, evaluations: {} };
  await runLoop(await tinyTrainer(), plan, whole);
  const trainer = await tinyTrainer();
  const from = await runLoop(trainer, plan, new Diary(3));
  const digests: [number, string][] = [];
  const rest: LoopEvents = {
    ...new Diary(),
    steps() {},
    boundary() {},
    evaluated() {},
    digest: (step, digest) => void digests.push([step, digest]),
    stop: () => false,
  };
  await runLoop(trainer, { ...plan, from }, rest);
  assert.deepEqual(digests, whole.digests.slice(1));
});

Deno.test("a loop that has nothing left to do does nothing", async () => {
  const diary = new Diary();
  assert.equal(await runLoop(scripted(), { from: 9, steps: 9, evaluations }, diary), 9);
  assert.deepEqual([diary.losses, diary.digests, diary.entries], [[], [], []]);
});
