/** Why a run is not locked: one line each, and nothing is written. */
import assert from "node:assert/strict";
import { defineExperiment, type Experiment } from "../../core/experiment/define.ts";
import { denoHost } from "../../core/experiment/host.ts";
import type { StoredRun } from "../../core/experiment/records/read_run.ts";
import type { CellRecord, RunRecord } from "../../core/experiment/records/record.ts";
import { testInFolder } from "../experiment/tiny.ts";
import { lock, LOCKABLE, lockable, lockedIn, standardRun, TREE, withCell } from "./lockable_run.ts";

/** Refused with one line, and nothing is left behind. */
async function refused(
  folder: string,
  message: RegExp,
  what: { run?: StoredRun; experiment?: Experiment; tree?: typeof TREE },
): Promise<void> {
  await assert.rejects(lock(folder, what), (error: Error) => {
    assert.equal(error.name, "DeclarationError");
    assert.match(error.message, message);
    assert.match(error.message, /^--lock: [^\n]+; [^\n]+$/);
    return true;
  });
  assert.equal(await denoHost.exists(lockedIn(folder)), false);
}

testInFolder(
  "a tree that is not as committed is refused by the first of its files",
  async (folder) => {
    await refused(folder, /as committed, .*: a\.ts, b\.ts; commit, or put aside/, {
      tree: { ...TREE, changed: ["a.ts", "b.ts"] },
    });
    await refused(folder, /: a, b, c and 2 more; commit/, {
      tree: { ...TREE, changed: ["a", "b", "c", "d", "e"] },
    });
  },
);

testInFolder("a run that is less than a preset as declared is refused", async (folder) => {
  const run = await standardRun();
  const asked = (changes: Partial<RunRecord>) => ({ ...run, run: { ...run.run, ...changes } });
  await refused(folder, /the preset quick .* deno task experiment tiny --preset standard --lock$/, {
    run: asked({ preset: "quick" }),
  });
  for (
    const [options, words] of [
      [{ steps: 20 }, "--steps 20"],
      [{ seeds: [0, 1] }, "--seeds 2"],
      [{ seeds: [3] }, "--seed 3"],
      [{ arms: ["linear"] }, "--arms linear"],
      [{ claim: "tiny-learns" }, "--claim tiny-learns"],
      [{ set: { batch: 8 } }, "--set batch=8"],
    ] as const
  ) {
    const { message } = await lock(folder, { run: asked({ options: options as never }) })
      .then(() => ({ message: "locked" }), (error) => error);
    assert.ok(
      message.startsWith(`--lock: a run with ${words} is not the preset standard`),
      message,
    );
  }
  assert.equal(await denoHost.exists(lockedIn(folder)), false);
});

testInFolder("a run that is not complete is refused by the cell", async (folder) => {
  const run = await standardRun();
  const unfinished = withCell(run, 2, (cell) => ({ ...cell, status: "running" }));
  const message = /cell narrow-s1 of the preset standard, .* is not done; .* --resume \S+ --lock$/;
  await refused(folder, message, { run: unfinished });
  await refused(folder, message, { run: { ...run, cells: run.cells.toSpliced(2, 1) } });
  const batch = { ...LOCKABLE.arms.narrow, batch: 8 };
  const experiment = defineExperiment({ ...LOCKABLE, arms: { ...LOCKABLE.arms, narrow: batch } });
  await refused(folder, /cell narrow-s0 .* is not done/, { experiment });
});

testInFolder("cells whose bits or data are nobody else's are refused by name", async (folder) => {
  const run = await standardRun();
  const change = (n: number, change: (cell: CellRecord) => CellRecord) => withCell(run, n, change);
  await refused(folder, /cell linear-s0 learned the built-in stand-in; .*deno task data mnist/, {
    run: change(1, (cell) => ({ ...cell, standIn: true })),
  });
  await refused(folder, /cell linear-s0 came to no finite number/, {
    run: change(1, (cell) => ({ ...cell, config: { kind: "computation" }, measures: {} })),
  });
  const odd = ({ device }: CellRecord) => (
    { ...device, name: "Odd Adapter", spelling: "none" as const }
  );
  await refused(folder, /cell linear-s1 was run on Odd Adapter, on which no spelling/, {
    run: change(3, (cell) => ({ ...cell, device: odd(cell) })),
  });
  await refused(folder, /cell narrow-s1 was run on Odd Adapter, on which no spelling/, {
    run: change(2, (cell) => {
      const { code, shaders } = cell.digests;
      const { started, versions } = cell;
      const entry = { step: 3, started, versions, device: odd(cell), digests: { code, shaders } };
      return { ...cell, resumed: [entry] };
    }),
  });
});

/** The run with a claim's digest in its n-th cell changed, or left out. */
function otherClaim(run: StoredRun, n: number, digest: string | undefined): StoredRun {
  return withCell(run, n, (cell) => {
    const { "tiny-learns": _, ...others } = cell.digests.claims;
    const claims = digest === undefined ? others : { ...others, "tiny-learns": digest };
    return { ...cell, digests: { ...cell.digests, claims } };
  });
}

testInFolder("mixed criteria are refused by claim and cell", async (folder) => {
  const run = await standardRun();
  const message = /cell linear-s1 was run under other criteria for claim tiny-learns than are/;
  await refused(folder, message, { run: otherClaim(run, 3, "0".repeat(64)) });
  await refused(folder, message, { run: otherClaim(run, 3, undefined) });
  const claims = LOCKABLE.claims.map((claim) => (
    { ...claim, parts: claim.parts.map((part) => ({ ...part, value: part.value * 2 })) }
  ));
  await refused(folder, /cell narrow-s0 .* for claim tiny-fewer-parameters/, {
    experiment: defineExperiment({ ...LOCKABLE, claims }),
  });
});

testInFolder(
  "a claim that was added after the run does not keep it from being locked",
  async (folder) => {
    const run = otherClaim(otherClaim(await standardRun(), 1, undefined), 3, undefined);
    assert.equal((await lock(folder, { run })).cells, 4);
  },
);

testInFolder("a measure that meant something else is refused by name and cell", async (folder) => {
  const measures = {
    ...LOCKABLE.measures,
    "test accuracy": { measure: "loss", set: "test" },
  } as const;
  await refused(folder, /the measure "test accuracy" of cell narrow-s0 meant something else/, {
    experiment: defineExperiment({ ...LOCKABLE, measures }),
  });
  const { "test accuracy": _, ...fewer } = LOCKABLE.measures;
  const claims = LOCKABLE.claims.slice(0, 1);
  const experiment = defineExperiment({ ...LOCKABLE, measures: fewer, claims });
  assert.equal((await lock(folder, { experiment })).cells, lockable.presets.standard.seeds * 2);
});
