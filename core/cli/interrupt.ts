/** Ctrl-C: the first asks a run to stop at a step boundary, the second ends the process at once. */
import { EXIT } from "./fail.ts";
import type { Screen } from "./screen.ts";

/** See {@link catchInterrupt}. */
export interface Interrupt {
  /** Whether Ctrl-C was pressed. */
  readonly asked: () => boolean;
  release(): void;
}

/** Listens for Ctrl-C until it is released. */
export function catchInterrupt(screen: Screen): Interrupt {
  let asked = false;
  const listener = () => {
    if (asked) Deno.exit(EXIT.stopped);
    asked = true;
    screen.print("Stopping after this step; Ctrl-C again stops at once.");
  };
  Deno.addSignalListener("SIGINT", listener);
  return {
    asked: () => asked,
    release: () => Deno.removeSignalListener("SIGINT", listener),
  };
}
