/**
 * Ctrl-C: the first asks a run to stop at a step boundary, the second ends the process at once. So
 * does the first before there are steps: then data are fetched or read, and nothing is lost.
 */
import { EXIT } from "./fail.ts";
import type { Screen } from "./screen.ts";

/** See {@link catchInterrupt}. */
export interface Interrupt {
  /** Whether Ctrl-C was pressed. */
  readonly asked: () => boolean;
  /** From here on there are step boundaries. */
  stepsBegin(): void;
  release(): void;
}

/** Listens for Ctrl-C until it is released. */
export function catchInterrupt(screen: Screen): Interrupt {
  let asked = false;
  let steps = false;
  const listener = () => {
    if (!steps) {
      screen.live("");
      screen.print("Stopped before the first step; what was downloaded is kept.");
    }
    if (asked || !steps) Deno.exit(EXIT.stopped);
    asked = true;
    screen.print("Stopping after this step; Ctrl-C again stops at once.");
  };
  Deno.addSignalListener("SIGINT", listener);
  return {
    asked: () => asked,
    stepsBegin: () => {
      steps = true;
    },
    release: () => Deno.removeSignalListener("SIGINT", listener),
  };
}
