/** A picture of a run as an image of its own, larger than it is. */
import type { Picture } from "../core/experiment/samples/left_files.ts";
import { type Html, html } from "./html.ts";

/** Pixels of the page to one of the picture, where the page is wide enough. */
const SCALE = 2;

/** The image; `alt` says what it shows to those who do not see it. */
export function picture({ png, width, height }: Picture, alt: string): Html {
  return html`
    <img class="picture" width="${SCALE * width}" height="${SCALE * height}" alt="${alt}"
      src="data:image/png;base64,${png.toBase64()}">
  `;
}
