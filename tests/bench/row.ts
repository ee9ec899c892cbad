/** One line of the table of our own figures. */
import { type Figure, figure, firstLine } from "./figures.ts";

/** The groups of rows that `--rows` chooses from. */
export const GROUPS = [
  "ceiling",
  "product",
  "convolution",
  "transposed",
  "norm",
  "step",
  "encode",
  "buffers",
  "checks",
  "spellings",
] as const;

/** One of {@link GROUPS}. */
export type Group = (typeof GROUPS)[number];

/** What a row measures. */
export interface Measured {
  readonly name: string;
  readonly unit: string;
  /** How the figure was taken. */
  readonly how: string;
  /** What is aimed at, on lavapipe with 2 cores. */
  readonly aim?: string;
}

/** A measured row; `error` says why there is no figure. */
export interface Row extends Figure, Measured {
  readonly error: string | null;
}

/** Takes a row's samples; an error becomes part of the row, so that no row is ever missing. */
export async function row(
  measured: Measured,
  samples: () => Promise<readonly number[]>,
): Promise<Row> {
  try {
    return { ...measured, ...figure(await samples()), error: null };
  } catch (error) {
    return failed(measured, error);
  }
}

/** A row that says why it has no figure. */
export function failed(measured: Measured, error: unknown): Row {
  return { ...measured, ...figure([]), error: firstLine(error) };
}

/** Calls `once` so many times, one after the other. */
export async function repeat<T>(rounds: number, once: () => Promise<T>): Promise<T[]> {
  const samples: T[] = [];
  for (let i = 0; i < rounds; i++) samples.push(await once());
  return samples;
}
