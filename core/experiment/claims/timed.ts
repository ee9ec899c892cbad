/** Which criteria are on times: their verdicts are a machine's own, and no other one has to share them. */
import type { Experiment } from "../define.ts";
import { armsOf, type Part } from "./claim.ts";

/** Whether a part is decided by a timing. */
export function isTimed({ arms }: Pick<Experiment, "arms">, part: Part): boolean {
  return armsOf(part).some((arm) => arms[arm]!.kind === "timing");
}
