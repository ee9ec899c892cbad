/** What a training step costs the host: encoding its dispatches, and handing them to the queue. */
import type { Device } from "../../core/device/device.ts";
import { storesFor } from "../../core/experiment/cells/supervised_cell.ts";
import { optimiserKind } from "../../core/optim/optimisers.ts";
import { buildSupervised } from "../../core/train/supervised.ts";
import { scheduleState } from "../../core/train/update.ts";
import { STATES, WINDOW } from "../../core/train/window.ts";
import { armOf } from "./ours.ts";
import { failed, type Row, row } from "./row.ts";
import { REFERENCE } from "./tasks.ts";

/** Calls in a round. */
const CALLS = 4;
/** Calls of a step that is quick on the device, so that the host's code is compiled before. */
const WARM_UP = { batch: 1, calls: 200 };
/** A full window of steps in one submission; the batch is small, since it is the host that is timed. */
const SHARED = { batch: 8, steps: WINDOW };

interface CallTimes {
  readonly encode: readonly number[];
  readonly submit: readonly number[];
}

/**
 * Host time of `memory.run(step)`, divided into encoding and `GPUQueue.submit`. The queue is
 * empty before each call: lavapipe takes no second submission before it has finished the first.
 */
export async function encodingRows(device: Device, rounds: number): Promise<Row[]> {
  const step = `one step, reference net, batch ${REFERENCE.batch}`;
  const how = `host time in run(step), ${rounds * CALLS} calls on an empty queue`;
  const encoding = { name: `encoding ${step}, alone`, unit: "ms", how };
  const sharing = {
    name: `encoding one step, reference net, of ${SHARED.steps} in a submission`,
    unit: "ms",
    how: `host time in run(step, ${SHARED.steps}) at batch ${SHARED.batch}, over ${SHARED.steps}`,
    aim: "under 0.2",
  };
  const submitting = { name: `submitting ${step}`, unit: "ms", how };
  try {
    if (device.info.kind === "cpu") throw new TypeError("the cpu device encodes nothing");
    await callTimes(device, WARM_UP.batch, WARM_UP.calls);
    const { encode, submit } = await callTimes(device, REFERENCE.batch, rounds * CALLS);
    const shared = await callTimes(device, SHARED.batch, rounds, SHARED.steps);
    return [
      await row(encoding, () => Promise.resolve(encode)),
      await row(sharing, () => Promise.resolve(shared.encode)),
      await row(submitting, () => Promise.resolve(submit)),
    ];
  } catch (error) {
    return [encoding, sharing, submitting].map((what) => failed(what, error));
  }
}

/** Times of `calls` calls, each divided by the `steps` that it encodes. */
async function callTimes(
  device: Device,
  batch: number,
  calls: number,
  steps = 1,
): Promise<CallTimes> {
  const config = await armOf({ ...REFERENCE, batch });
  if (config.kind !== "supervised") throw new TypeError("the reference net is one net");
  const { step } = buildSupervised(config, storesFor(config, { train: batch, test: batch }));
  const memory = await device.load([step]);
  const queue = timeSubmits();
  try {
    for (const [name, view] of step.initial) memory.write(name, view);
    const { optimiser } = config;
    memory.write(
      scheduleState("", optimiser).name,
      optimiserKind(optimiser).scalars(optimiser, 0, steps),
    );
    const encode: number[] = [], submit: number[] = [];
    for (let call = 0; call < calls; call++) {
      memory.write(STATES.cursor, new Uint32Array(1));
      await memory.read(STATES.ring, 0, 1);
      const start = performance.now();
      memory.run(step, steps);
      const whole = performance.now() - start;
      encode.push((whole - queue.last()) / steps);
      submit.push(queue.last() / steps);
    }
    await memory.read(STATES.ring, 0, 1);
    return { encode, submit };
  } finally {
    queue.stop();
    memory.close();
  }
}

/** Times every `GPUQueue.submit` until stopped. */
function timeSubmits(): { readonly last: () => number; readonly stop: () => void } {
  const { submit } = GPUQueue.prototype;
  let milliseconds = 0;
  GPUQueue.prototype.submit = function (buffers) {
    const start = performance.now();
    submit.call(this, buffers);
    milliseconds = performance.now() - start;
  };
  return {
    last: () => milliseconds,
    stop() {
      GPUQueue.prototype.submit = submit;
    },
  };
}
