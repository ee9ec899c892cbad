/** What a net says of an image, below that image. */
import { html } from "../html.ts";
import type { Tile } from "../image_grid.ts";
import { shareText } from "../words.ts";

/** An answer to an image. */
export interface Answer {
  /** The true class. */
  readonly truth: string;
  readonly taken: string;
  /** 0..1. */
  readonly confidence: number;
}

/** The tile of an image with the answer to it; `name` stands for the true class. */
export function answeredTile(
  { truth, taken, confidence }: Answer,
  { name = truth, of = truth }: { readonly name?: string; readonly of?: string } = {},
): Tile {
  const right = taken === truth;
  const share = shareText(confidence);
  return {
    label: `${of}, ${right ? "recognised" : `taken for ${taken}`} with ${share}`,
    frame: right ? "good" : "bad",
    caption: html`
      <b>${name}</b> <span>${right ? "✓" : "✗"} ${taken} ${share}</span>
    `,
  };
}
