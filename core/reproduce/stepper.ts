/**
 * A device that goes one dispatch at a time: what is asked of its memories waits in a queue, in
 * order, until `next` does it. So the same training runs on two devices side by side, and what each
 * op wrote can be looked at before the next one runs.
 */
import type { Device, Memory } from "../device/device.ts";
import type { Program, Step } from "../device/program.ts";

/** A dispatch that has run. */
export interface Dispatched {
  readonly step: Step;
  readonly buffers: Program["buffers"];
  /** The device's own memory, which is read and written at once. */
  readonly memory: Memory;
}

/** See {@link openStepper}. */
export interface Stepper extends Device {
  /** Does what waits, to the end of its first dispatch; `undefined` when no dispatch waits. */
  next(): Promise<Dispatched | undefined>;
}

/** Puts a queue before a device, which stays the caller's to close. */
export function openStepper(device: Device): Stepper {
  const queue: (() => Promise<void> | Dispatched | void)[] = [];
  return {
    info: device.info,
    async load(programs) {
      const single = new Map(
        programs.map((program) => [
          program,
          program.steps.map((step) => ({ ...program, steps: [step] })),
        ]),
      );
      const memory = await device.load([...single.values()].flat());
      return {
        ...memory,
        write(name, data, offset) {
          const copy = data.slice();
          queue.push(() => memory.write(name, copy, offset));
        },
        run(program, times = 1) {
          for (let i = 0; i < times; i++) {
            for (const one of single.get(program)!) {
              queue.push(() => {
                memory.run(one);
                return { step: one.steps[0]!, buffers: one.buffers, memory };
              });
            }
          }
        },
        read: (...place) =>
          new Promise((resolve, reject) => {
            queue.push(() => memory.read(...place).then(resolve, reject));
          }),
      };
    },
    async next() {
      for (let task = queue.shift(); task; task = queue.shift()) {
        const dispatched = await task();
        if (dispatched) return dispatched;
      }
      return undefined;
    },
    close() {
      queue.length = 0;
    },
  };
}
