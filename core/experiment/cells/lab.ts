/** Where a computation arm works: it emits graphs and gets numbers back from the cell's device. */
import type { Device } from "../../device/device.ts";
import { compile } from "../../graph/compile.ts";
import { Graph, type State } from "../../graph/graph.ts";
import { type Shape, size, type Value } from "../../ops/op.ts";

/** A tensor that came back from the device. */
export interface Result {
  readonly shape: Shape;
  readonly data: readonly number[];
}

/** What a computation arm is given. */
export interface Lab {
  /**
   * Runs one graph on the device: `emit` puts ops into it (inputs as `graph.constant`) and returns
   * the values to read back.
   */
  run<Name extends string>(
    emit: (graph: Graph) => Readonly<Record<Name, Value>>,
  ): Promise<Record<Name, Result>>;
}

/** A lab on a device. */
export function openLab(device: Device): Lab {
  return {
    async run(emit) {
      const graph = new Graph();
      const outputs = Object.entries<Value>(emit(graph));
      const states = outputs.map(([name, value]): State => {
        const state = { name: `output ${name}`, type: value.type, length: size(value.shape) };
        graph.place(value, state);
        return state;
      });
      const program = compile(graph, "computation");
      const memory = await device.load([program]);
      try {
        for (const [name, view] of program.initial) memory.write(name, view);
        memory.run(program);
        const entries = await Promise.all(outputs.map(async ([name, { shape }], i) => {
          const data = Array.from(await memory.read(states[i]!.name));
          return [name, { shape, data }] as const;
        }));
        return Object.fromEntries(entries) as never;
      } finally {
        memory.close();
      }
    },
  };
}
