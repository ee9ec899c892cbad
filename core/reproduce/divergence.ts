/** What is told of two trainings of one cell that were compared. */
import type { CellRecord } from "../experiment/records/record.ts";
import type { Found } from "./locate.ts";
import type { OriginDifference } from "./origins.ts";
import type { Strayed } from "./replay.ts";

/** How it ended. */
export type Outcome =
  /** Nothing differs in so many of what was compared. */
  | {
    readonly outcome: "same";
    readonly compared: "points" | "steps" | "measures";
    readonly count: number;
  }
  /** Of two cells that train no net: the first measure that differs. */
  | {
    readonly outcome: "measure";
    readonly measure: string;
    readonly a: unknown;
    readonly b: unknown;
  }
  /** Not even what both chains share comes out here. */
  | ({ readonly outcome: "other code"; readonly origins: readonly OriginDifference[] } & Strayed)
  /** Both sides come to the same bits here: whose digest the cpu device gives, and what differs. */
  | {
    readonly outcome: "not again";
    readonly cpu: "A" | "B" | "neither";
    readonly origins: readonly OriginDifference[];
  }
  /** A step, and the op in it where one by one they differ too. */
  | ({ readonly outcome: "found" } & Found);

/** A side of the comparison. */
export interface Side {
  /** The device's kind, or the folder of the cell or the lock. */
  readonly name: string;
  readonly locked: boolean;
  /** What the record says that it was made on. */
  readonly made?: string;
  /** What it was trained on again. */
  readonly device?: string;
  /** What should be known of that device. */
  readonly note?: string;
}

/** What is told of a comparison. */
export interface Divergence {
  readonly cell: string;
  /** Of two devices: what they are trained on. */
  readonly data?: string;
  readonly a: Side;
  readonly b: Side;
  /**
   * Of two chains: the last step at which they are the same, and the first at which they differ, be
   * it that one side diverged there and the other went on.
   */
  readonly chain?: {
    readonly points: number;
    readonly same?: number;
    readonly differs?: number;
    readonly diverged?: "A" | "B";
  };
  readonly result: Outcome;
}

/** Told what is being done. */
export type Told = (what: string) => void;

/** A device in words. */
export function nameOf({ kind, name, spelling }: CellRecord["device"]): string {
  const contract = spelling === "none" ? ", on which no spelling of the contract holds" : "";
  return `${kind}, ${name}${contract}`;
}
