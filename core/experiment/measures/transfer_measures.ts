/** The measures of a transfer: what its targets get right of the images as they are, and as they were made. */
import type { Transfer } from "../arms/transfer.ts";
import { sourceName, targetName } from "../arms/transfer_names.ts";

const CLEAN = "accuracy of ";
const LOST = "accuracy lost of ";

/** The names of a target's measures. */
export function cleanName(target: string): string {
  return `${CLEAN}${target}`;
}

/** See {@link cleanName}. */
export function underName(target: string, source: string): string {
  return `${CLEAN}${target} under ${source}`;
}

/** See {@link cleanName}. */
export function lostName(target: string, source: string): string {
  return `${LOST}${target} by ${source}`;
}

/** The names of the measures of a transfer, target by target. */
export function transferMeasures(
  { sources, targets }: Pick<Transfer, "sources" | "targets">,
): string[] {
  return targets.map(targetName).flatMap((target) => [
    cleanName(target),
    ...sources.map(sourceName).flatMap((source) => [
      underName(target, source),
      lostName(target, source),
    ]),
  ]);
}

/** What a target got right of so many images: as they are, and by source as they were made. */
export interface Right {
  readonly clean: number;
  readonly under: Readonly<Record<string, number>>;
}

/** The measures of one target. */
export function takeTransfer(
  target: string,
  { clean, under }: Right,
  images: number,
): Record<string, number> {
  const measures = { [cleanName(target)]: clean / images };
  for (const [source, right] of Object.entries(under)) {
    measures[underName(target, source)] = right / images;
    measures[lostName(target, source)] = (clean - right) / images;
  }
  return measures;
}

/** The unit of such a measure by its name alone, since no declaration has it. */
export function transferUnit(name: string): "share" | "points" | undefined {
  if (name.startsWith(LOST)) return "points";
  return name.startsWith(CLEAN) ? "share" : undefined;
}
