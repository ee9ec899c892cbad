import assert from "node:assert/strict";
import fc from "fast-check";
import { evaluationLooks, type EvaluationPlan } from "../../core/train/evaluations.ts";
import { DivergedError, type Looks, type LoopEvents, runLoop } from "../../core/train/loop.ts";
import type { Trainer } from "../../core/train/trainer.ts";
import type { WindowResult } from "../../core/train/training.ts";
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
    const { train = [] } = losses;
    assert.equal(end - from, train.length);
    assert.equal(train.length, largestGradients.length);
    this.losses.push(...train);
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

interface Plan extends EvaluationPlan {
  readonly from: number;
  readonly steps: number;
}

function planOf(steps: number, fields: Partial<Plan> = {}): Plan {
  return { from: 0, steps, evaluations: {}, when: "every epoch", ...fields };
}

/** What is told by a loop and its evaluations. */
type Told = LoopEvents & { evaluated(step: number, set: string): void };

function looped(trainer: Trainer, { from, steps, ...plan }: Plan, told: Told) {
  const looks = evaluationLooks(trainer, plan, (step, set) => told.evaluated(step, set));
  return runLoop(trainer, { from, steps, looks: [looks] }, told);
}

Deno.test("a loop tells a digest at 0, every 100 steps and at the end", async () => {
  const diary = new Diary();
  const end = await looped(await tinyTrainer(), planOf(230), diary);
  assert.deepEqual(end, { step: 230, ended: true });
  assert.deepEqual(diary.digests.map(([step]) => step), [0, 100, 200, 230]);
  assert.equal(new Set(diary.digests.map(([, digest]) => digest)).size, 4);
  assert.equal(diary.losses.length, 230);
});

Deno.test("a loop evaluates every set after each epoch and at the end, once", async () => {
  for (const [steps, expected] of [[12, [5, 10, 12]], [10, [5, 10]], [3, [3]]] as const) {
    const diary = new Diary();
    await looped(await tinyTrainer(), planOf(steps, { evaluations }), diary);
    assert.deepEqual(
      diary.entries,
      expected.flatMap((step) => [`${step} validation`, `${step} test`]),
    );
  }
});

function evaluatedAt({ entries }: Diary, set: string): number[] {
  return entries.filter((entry) => entry.endsWith(` ${set}`)).map((entry) => parseInt(entry));
}

Deno.test("a loop that evaluates at the end only does so once", async () => {
  const diary = new Diary();
  await looped(
    scripted({ stepsPerEpoch: 5 }),
    planOf(12, { evaluations, when: "at the end" }),
    diary,
  );
  assert.deepEqual(diary.entries, ["12 validation", "12 test"]);
});

Deno.test("a loop evaluates some sets every so many steps and all at the end, whatever an epoch is", async () => {
  for (
    const [every, steps, expected] of [
      [4, 12, [4, 8, 12]],
      [4, 13, [4, 8, 12, 13]],
      [1, 3, [1, 2, 3]],
      [100, 7, [7]],
    ] as const
  ) {
    const diary = new Diary();
    const plan = planOf(steps, { evaluations, when: { every, sets: ["validation"] } });
    await looped(scripted({ stepsPerEpoch: 5 }), plan, diary);
    assert.deepEqual(evaluatedAt(diary, "validation"), expected);
    assert.deepEqual(evaluatedAt(diary, "test"), [steps]);
  }
});

Deno.test("a loop that goes on evaluates at the steps that are left, counted from the start", async () => {
  const diary = new Diary();
  const plan = planOf(13, { evaluations, when: { every: 4, sets: ["validation"] } });
  await looped(scripted({ stepsPerEpoch: 5 }), plan, diary);
  for (const stopAfter of [1, 2, 3]) {
    const trainer = scripted({ stepsPerEpoch: 5 });
    const first = new Diary(stopAfter);
    const { step } = await looped(trainer, plan, first);
    const losses = first.losses.slice(0, step);
    const second = new Diary();
    second.losses.push(...losses);
    await looped(trainer, { ...plan, from: step }, second);
    assert.deepEqual([...first.entries, ...second.entries], diary.entries, `stopped at ${step}`);
  }
});

Deno.test("a level is watched every so many steps where other sets are evaluated then", async () => {
  const level = { set: "training", accuracy: 0.7, stop: true, reached: false };
  const watched = { training: evaluations.validation, test: evaluations.test };
  const plan = planOf(30, { evaluations: watched, when: { every: 3, sets: ["test"] }, level });
  const diary = new Diary();
  const end = await looped(scripted({ stepsPerEpoch: 5, accuracies: [0.5, 0.8] }), plan, diary);
  // The accuracy is over the level from the second epoch on, and step 6 is the first one asked.
  assert.deepEqual(end, { step: 6, ended: true });
  assert.deepEqual(diary.entries, ["3 training", "3 test", "6 training", "6 test"]);
});

Deno.test("a loop watches one set after each epoch for its level, others there and at the end", async () => {
  const level = { set: "test", accuracy: 0.7, stop: false, reached: false };
  const plan = planOf(27, { evaluations, when: "at the end", level });
  // The level itself counts as reached.
  const diary = new Diary();
  await looped(scripted({ stepsPerEpoch: 5, accuracies: [0.5, 0.7, 0.9] }), plan, diary);
  assert.deepEqual(evaluatedAt(diary, "test"), [5, 10, 27]);
  assert.deepEqual(evaluatedAt(diary, "validation"), [10, 27]);
  const never = new Diary();
  await looped(scripted({ stepsPerEpoch: 5, accuracies: [0.5] }), plan, never);
  assert.deepEqual(evaluatedAt(never, "test"), [5, 10, 15, 20, 25, 27]);
  assert.deepEqual(evaluatedAt(never, "validation"), [27]);
});

Deno.test("a level can end the loop, with a digest there, and a resume does not go beyond it", async () => {
  const level = { set: "validation", accuracy: 0.7, stop: true, reached: false };
  const plan = planOf(27, { evaluations, when: "at the end", level });
  const diary = new Diary();
  const end = await looped(
    scripted({ stepsPerEpoch: 5, accuracies: [0.5, 0.8] }),
    plan,
    diary,
  );
  assert.deepEqual(end, { step: 10, ended: true });
  assert.deepEqual(diary.digests.map(([step]) => step), [0, 10]);
  const again = new Diary();
  const resumed = { ...plan, from: 10, level: { ...level, reached: true } };
  assert.deepEqual(await looped(scripted(), resumed, again), { step: 10, ended: true });
  assert.deepEqual([again.losses, again.digests, again.entries], [[], [], []]);
});

/**
 * A trainer whose steps cost nothing; a loss or a gradient goes wrong at step `wrong`, from 1. Each
 * epoch's evaluations give the next of `accuracies`, in the end the last.
 */
function scripted(
  { stepsPerEpoch = 1000, wrong = Infinity, loss = NaN, gradient = 1, accuracies = [0] } = {},
): Trainer {
  let trained = 0;
  const steps = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  const double: Partial<Trainer> = {
    stepsPerEpoch,
    train: (from, to) => {
      trained = to;
      return Promise.resolve({
        end: to,
        losses: { train: steps(from, to).map((step) => step + 1 === wrong ? loss : step) },
        largestGradients: steps(from, to).map((step) => step + 1 === wrong ? gradient : 1),
      });
    },
    weights: () => Promise.resolve(new Float32Array(1)),
    evaluate: () => {
      const accuracy = accuracies[Math.ceil(trained / stepsPerEpoch) - 1] ?? accuracies.at(-1)!;
      return Promise.resolve({ accuracy, loss: 0, count: 1 });
    },
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
        const plan = planOf(150);
        await assert.rejects(looped(scripted({ wrong, ...script }), plan, diary), (error) => {
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
  const plan = planOf(40);
  const none = new Diary(0);
  assert.deepEqual(await looped(await tinyTrainer(), plan, none), { step: 0, ended: false });
  assert.deepEqual(none.losses, []);

  const some = new Diary(2);
  const { step, ended } = await looped(await tinyTrainer(), plan, some);
  assert.equal(step, some.losses.length);
  assert.ok(step > 1 && step <= 5 && !ended, `${step}`);
});

Deno.test("a loop that was stopped goes on to the digest of one that was not", async () => {
  const whole = new Diary();
  const plan = planOf(110);
  await looped(await tinyTrainer(), plan, whole);
  const trainer = await tinyTrainer();
  const { step: from } = await looped(trainer, plan, new Diary(3));
  const digests: [number, string][] = [];
  const rest: Told = {
    ...new Diary(),
    steps() {},
    boundary() {},
    evaluated() {},
    digest: (step, digest) => void digests.push([step, digest]),
    stop: () => false,
  };
  await looped(trainer, { ...plan, from }, rest);
  assert.deepEqual(digests, whole.digests.slice(1));
});

Deno.test("a loop that has nothing left to do does nothing", async () => {
  const diary = new Diary();
  const plan = { ...planOf(9, { evaluations }), from: 9 };
  assert.deepEqual(await looped(scripted(), plan, diary), { step: 9, ended: true });
  assert.deepEqual([diary.losses, diary.digests, diary.entries], [[], [], []]);
});

/** Looks that tell their steps. */
function looksThatTell(told: string[], name: string, every: number, more: Partial<Looks> = {}) {
  return {
    every,
    ended: false,
    at(step: number, isLast: boolean) {
      told.push(`${step} ${name}${isLast ? ", the last" : ""}`);
      return Promise.resolve(false);
    },
    ...more,
  };
}

Deno.test("looks have each their own steps, and those that ask for it one at the start", async () => {
  const told: string[] = [];
  const looks = [
    looksThatTell(told, "a", 4),
    looksThatTell(told, "b", 3, { fromStart: true }),
  ];
  const diary = new Diary();
  await runLoop(await tinyTrainer(), { from: 0, steps: 10, looks }, diary);
  assert.deepEqual(told, [
    ...["0 b", "3 b", "4 a", "6 b", "8 a", "9 b"],
    ...["10 a, the last", "10 b, the last"],
  ]);
  const alone = new Diary();
  await runLoop(await tinyTrainer(), { from: 0, steps: 10 }, alone);
  assert.deepEqual([diary.digests, diary.losses], [alone.digests, alone.losses]);
});

Deno.test("where a look ends a training, those after it look too, and none goes on", async () => {
  const told: string[] = [];
  const ending = (step: number) => Promise.resolve(step >= 4);
  const looks = [
    looksThatTell(told, "a", 2, { at: ending }),
    looksThatTell(told, "b", 3),
  ];
  const end = await runLoop(await tinyTrainer(), { from: 0, steps: 10, looks }, new Diary());
  assert.deepEqual(end, { step: 4, ended: true });
  assert.deepEqual(told, ["3 b", "4 b, the last"]);
  const ended = [looksThatTell(told, "a", 2, { ended: true }), looksThatTell(told, "b", 3)];
  const resumed = { from: 4, steps: 10, looks: ended };
  assert.deepEqual(await runLoop(await tinyTrainer(), resumed, new Diary()), end);
  assert.equal(told.length, 2);
});

Deno.test("a look at the start is not taken by a loop that goes on", async () => {
  const told: string[] = [];
  const trainer = await tinyTrainer();
  await trainer.train(0, 2);
  const looks = [looksThatTell(told, "a", 3, { fromStart: true })];
  await runLoop(trainer, { from: 2, steps: 4, looks }, { ...silent, stop: () => false });
  assert.deepEqual(told, ["3 a", "4 a, the last"]);
});

const silent = { steps() {}, digest() {}, boundary() {} };
