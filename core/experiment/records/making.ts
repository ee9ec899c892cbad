/**
 * What makes a cell: the software, the device, the code. A cell that is resumed may be made by
 * several of them; its record names all, since a difference in its bits may come from any.
 */
import { DeviceError } from "../../device/device.ts";
import { canonicalJson } from "./canonical.ts";
import type { CellRecord } from "./record.ts";

/** Versions, device and code that a cell is made by. */
export interface Making extends Pick<CellRecord, "versions" | "device"> {
  readonly digests: Pick<CellRecord["digests"], "code" | "shaders">;
}

/** All that a cell was made by, in the order of time. */
export function makingsOf(record: CellRecord): Making[] {
  return [record, ...record.resumed].map(({ versions, device, digests: { code, shaders } }) => (
    { versions, device, digests: { code, shaders } }
  ));
}

/**
 * The record of a cell that goes on at `step`, with what differs from before.
 *
 * @throws {DeviceError} when its steps would be of two kinds of arithmetic.
 */
export function goOn(
  record: CellRecord,
  making: Making,
  step: number,
  started: string,
): CellRecord {
  const last = makingsOf(record).at(-1)!;
  refuseMixture(record, last.device, making.device);
  if (canonicalJson(last) === canonicalJson(making)) return record;
  return { ...record, resumed: [...record.resumed, { step, started, ...making }] };
}

/** Without a spelling the bits are the adapter's own, so only the same adapter may go on. */
function refuseMixture(
  { id }: CellRecord,
  before: Making["device"],
  now: Making["device"],
): void {
  const none = [before, now].find(({ spelling }) => spelling === "none");
  if (!none || before.spelling === now.spelling && before.name === now.name) return;
  throw new DeviceError(
    `cell ${id} was begun on ${before.name} and would go on on ${now.name}, but on ${none.name} no ` +
      "spelling of the arithmetic contract holds: its bits would be neither's; resume it on " +
      `${before.name} (--device ${before.kind}), or start a new run`,
  );
}
