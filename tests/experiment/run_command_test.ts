import assert from "node:assert/strict";
import { optionWords, quote, runCommands } from "../../core/experiment/run_command.ts";

const run = { experiment: "cnn", preset: "standard" } as const;
const seeds = (...list: number[]) => runCommands({ ...run, options: { seeds: list } });

Deno.test("runCommands() writes every option of a run as a shell reads it", () => {
  const options = {
    seeds: [0, 1],
    arms: ["dense", "reference"],
    claim: "cnn-memory",
    steps: 20,
    set: { "net.0.units": 3, data: "it's" },
  };
  assert.deepEqual(runCommands({ ...run, options }), [
    "deno task experiment cnn --preset standard --seeds 2 --arms dense,reference " +
    `--claim cnn-memory --steps 20 --set net.0.units=3 --set 'data="it'\\''s"'`,
  ]);
  assert.deepEqual(optionWords({ options: {} }), []);
});

Deno.test("runCommands() asks for seeds as the parser takes them, a gap by a resume", () => {
  assert.deepEqual(seeds(7), ["deno task experiment cnn --preset standard --seed 7"]);
  assert.deepEqual(seeds(6, 5), ["deno task experiment cnn --preset standard --seeds 5..6"]);
  assert.deepEqual(seeds(8, 0, 4, 5), [
    "deno task experiment cnn --preset standard --seeds 1",
    "deno task experiment cnn --resume RUN --seeds 4..5",
    "deno task experiment cnn --resume RUN --seed 8",
  ]);
});

Deno.test("quote() leaves plain words alone", () => {
  assert.equal(
    quote("runs/cnn/2026-11-21T10.20.30.000Z-1a"),
    "runs/cnn/2026-11-21T10.20.30.000Z-1a",
  );
  assert.equal(quote("$(rm) it's"), `'$(rm) it'\\''s'`);
});
