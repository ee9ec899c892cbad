import assert from "node:assert/strict";
import { denoHost } from "../../core/experiment/host.ts";
import { allLeft, filesIn, killAt, mortal, toTheEnd } from "./mortal.ts";
import { testInFolder } from "./tiny.ts";
import { APPENDED, CUT, MADE, type Moment, WRITTEN } from "./watched_disk.ts";

/** One kill: of a file by the end of its path, the `nth` time that a process comes to it. */
interface Kill {
  readonly moment: Moment;
  readonly path: string;
  readonly nth?: number;
}

function kills(moments: readonly Moment[], path: string, nth = 1): Kill[] {
  return moments.map((moment) => ({ moment, path, nth }));
}

/** After these the file is there, and what wrote it may not be done again. */
const KEPT = WRITTEN.slice(-1), NOT_KEPT = WRITTEN.slice(0, -1);

/** By what is written: the arms that are run, and the kills in the order of a run's life. */
const LIVES: Readonly<Record<string, { readonly arms: string[]; readonly kills: Kill[] }>> = {
  records: {
    arms: ["sum", "product"],
    kills: [
      ...kills(WRITTEN, "run.json"),
      ...kills(MADE, "sum-s0"),
      ...kills(WRITTEN, "sum-s0/cell.json"),
      ...kills(NOT_KEPT, "sum-s0/cell.json", 2),
      ...kills(KEPT, "product-s0/cell.json", 2),
    ],
  },
  training: {
    arms: ["linear"],
    kills: [
      ...kills(WRITTEN, "metrics.csv"),
      ...kills(APPENDED, "metrics.csv"),
      ...kills(NOT_KEPT, "checkpoint.safetensors"),
      ...kills(CUT, "metrics.csv"),
      ...kills(APPENDED, "metrics.csv", 2),
      ...kills(WRITTEN, "checkpoint.safetensors"),
    ],
  },
  asking: {
    arms: ["linear", "narrow"],
    kills: [
      ...kills(MADE, "narrow-s0/samples"),
      ...kills(WRITTEN, "narrow-s0/samples/predictions.png"),
      ...kills(NOT_KEPT, "narrow-s0/samples/predictions.json"),
      ...kills(NOT_KEPT, "narrow-s0/cell.json"),
      ...kills(KEPT, "linear-s0/samples/predictions.json"),
      ...kills(KEPT, "linear-s0/cell.json"),
    ],
  },
};

testInFolder(
  "killed at every moment of every write, a run leaves the same bits",
  async (folder) => {
    await Promise.all(
      Object.entries(LIVES).map(async ([what, { arms, kills }]) => {
        const whole = await toTheEnd({ folder: `${folder}/${what}/whole`, arms });
        const order = { folder: `${folder}/${what}/killed`, arms };
        for (const kill of kills) await killAt(kill, order);
        assert.deepEqual(await allLeft(await toTheEnd(order)), await allLeft(whole), what);
      }),
    );
  },
);

testInFolder(
  "killed at any moment of writing a lock's file, it is the old one or the new one",
  async (folder) => {
    const name = "lock.json";
    for (const moment of WRITTEN) {
      await denoHost.writeAtomic(`${folder}/${name}`, "old");
      const until = { moment, path: name, nth: 1 };
      const { killed } = await mortal({ folder, write: name, until }, {
        when: (line) => line === "held",
        after: () => Promise.resolve(),
      });
      assert.ok(killed, moment);
      const expected = WRITTEN.indexOf(moment) < WRITTEN.indexOf("after rename")
        ? "old"
        : "new".repeat(1000);
      assert.equal(await denoHost.readText(`${folder}/${name}`), expected, moment);
      // The next to write there cleans up.
      (await denoHost.lockFolder(folder))();
      assert.deepEqual(await filesIn(folder), [".lock", name]);
    }
  },
);
