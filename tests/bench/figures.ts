/** Repeated measurements and their median. */

/** A measured quantity; `median` is null where there are no samples. */
export interface Figure {
  readonly median: number | null;
  readonly samples: readonly number[];
}

/** Sums up samples. */
export function figure(samples: readonly number[]): Figure {
  return { median: samples.length > 0 ? median(samples) : null, samples };
}

/** The middle one, or the mean of the middle two. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}

/** What went wrong, in one line. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.trim().split("\n", 1)[0]!;
}
