/** What the tests of kills run in a process of its own; every line that it prints is an {@link Order}'s `until`. */
import { hostOver } from "../../core/experiment/host.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import type { Cell } from "../../core/experiment/plan.ts";
import { readRun } from "../../core/experiment/records/read_run.ts";
import { lock } from "../reproduce/lockable_run.ts";
import { MORTAL } from "./mortal.ts";
import { runTiny, Watch } from "./tiny.ts";
import { watchedDisk } from "./watched_disk.ts";

/** What the process is asked to do. */
export interface Order {
  /** Run the experiment below this folder, or lock a run there. */
  readonly folder: string;
  readonly lock?: { readonly run: string; readonly commit: string };
  readonly resume?: string | undefined;
  readonly arms?: readonly string[];
  readonly steps?: number;
  /** A moment and the end of a path: it waits there, the `nth` time, to be killed. */
  readonly until?: { readonly moment: string; readonly path: string; readonly nth: number };
}

class Telling extends Watch {
  override cellStarted(cell: Cell, index: number, fromStep: number) {
    super.cellStarted(cell, index, fromStep);
    console.log(`started: ${cell.id}`);
  }
  override compared(report: Parameters<Watch["compared"]>[0]) {
    super.compared(report);
    console.log(`compared: ${report.cell.id}`);
  }
  override reading() {
    super.reading();
    console.log(`reading: ${this.readings}`);
  }
  override cellEnded(cell: Cell, record: CellRecord) {
    super.cellEnded(cell, record);
    console.log(`ended: ${cell.id}`);
  }
}

const { folder, lock: locked, until, ...asked } = JSON.parse(Deno.args[0]!) as Order;
let met = 0;
const host = hostOver(watchedDisk(async (moment, path) => {
  console.log(`${moment}: ${path}`);
  if (moment !== until?.moment || !path.endsWith(until.path) || ++met < until.nth) return;
  console.log("held");
  await new Promise((resolve) => setTimeout(resolve, 600_000));
}));
if (locked === undefined) {
  await runTiny(folder, {
    experiment: MORTAL,
    host,
    watch: new Telling(),
    saveSeconds: 0,
    ...asked,
  });
} else {
  const tree = { commit: locked.commit, changed: [] };
  await lock(folder, { run: await readRun(host, locked.run), tree, host });
}
