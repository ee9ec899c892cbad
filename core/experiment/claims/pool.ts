/**
 * From cells to results, of which an arm has one for each seed and sweep point: where its test images
 * were shared out to several cells, what these counted is added up.
 */
import { type NearestCell, nearestCellSchema } from "../arms/nearest_neighbour.ts";
import type { CellRecord } from "../records/record.ts";

/** What an arm came to. */
export type ArmResult = Pick<
  CellRecord,
  | "arm"
  | "seed"
  | "tuning"
  | "point"
  | "config"
  | "status"
  | "standIn"
  | "device"
  | "measures"
  | "digests"
>;

/** The results that cells give; those of shared-out images only when every cell is finished. */
export function pool(records: readonly CellRecord[]): ArmResult[] {
  const groups = Map.groupBy(records, (record) => {
    const { arm, seed, point, id } = record;
    return shareOf(record) ? JSON.stringify([arm, seed, point]) : id;
  });
  return [...groups.values()].flatMap((group) => shareOf(group[0]!) ? joined(group) : group);
}

function shareOf({ config }: CellRecord): NearestCell | undefined {
  return nearestCellSchema.safeParse(config).data;
}

/** One result of all shares, or none where they are not all there. */
function joined(records: readonly CellRecord[]): ArmResult[] {
  const shares = records.map((record) => ({ ...shareOf(record)!, record }))
    .sort((a, b) => a.images.from - b.images.from);
  let images = 0, correct = 0;
  for (const { images: { from, to }, record: { status, measures } } of shares) {
    if (status !== "finished" || from !== images || measures["images"] !== to - from) return [];
    correct += Number(measures["correct"]);
    images = to;
  }
  if (images !== shares[0]!.testImages) return [];
  const [first] = records;
  return [{
    ...first!,
    standIn: records.some(({ standIn }) => standIn),
    measures: { "test accuracy": correct / images, correct, images },
    digests: { ...first!.digests, claims: common(records.map(({ digests }) => digests.claims)) },
  }];
}

/** Claims that all cells recorded with the same criteria; the judge refuses the others. */
function common([first, ...others]: readonly Readonly<Record<string, string>>[]) {
  return Object.fromEntries(
    Object.entries(first!).filter(([id, digest]) => others.every((other) => other[id] === digest)),
  );
}
