/** A grid of small pictures, all tiles of one PNG that stands in the page once. */
import { type Content, type Html, html } from "./html.ts";

/** One picture of the grid. */
export interface Tile {
  /** What it shows, for those who do not see it. */
  readonly label: string;
  readonly caption?: Content;
  /** `good` and `bad` have frames that differ in colour and in line. */
  readonly frame?: "good" | "bad";
}

/** What a grid is made of. */
export interface ImageGrid {
  /** Names the PNG in its page. */
  readonly id: string;
  readonly png: Uint8Array<ArrayBuffer>;
  /** Height and width of a tile, in pixels of the PNG. */
  readonly size: readonly [height: number, width: number];
  /** Tiles in a row of the PNG. */
  readonly columns: number;
  /** In the order of the PNG, row by row. */
  readonly tiles: readonly Tile[];
  /** Each row of the PNG stands together, several beside each other or in a line of its own. */
  readonly rows?: "beside" | "lines";
}

/**
 * Of a tile's side: so much is left out at each edge, since a browser rounds an edge outwards to a
 * pixel of the screen, where the next tile begins.
 */
const HAIR = 1 / 256;

/** The grid; how many tiles stand in a row, and how large, is the style sheet's. */
export function imageGrid(
  { id, png, size: [height, width], columns, tiles, rows }: ImageGrid,
): Html {
  const [across, down] = [columns * width, Math.ceil(tiles.length / columns) * height];
  const figures = tiles.map(({ label, caption, frame = "plain" }, i) => {
    const [x, y] = [i % columns * width, Math.floor(i / columns) * height];
    const within = 1 - 2 * HAIR;
    const box = [x + HAIR * width, y + HAIR * height, within * width, within * height].join(" ");
    const text = caption === undefined ? "" : html`<figcaption>${caption}</figcaption>`;
    return html`
      <figure class="${frame}">
        <svg viewBox="${box}" role="img" aria-label="${label}"><use href="#${id}" /></svg>
        ${text}
      </figure>
    `;
  });
  const together = rows ? columns : 1;
  const items = Array.from(
    { length: Math.ceil(figures.length / together) },
    (_, i) => html`<li>${figures.slice(i * together, (i + 1) * together)}</li>`,
  );
  const captioned = tiles.some(({ caption }) => caption !== undefined) ? "captioned" : "plain";
  const kind = rows ? `rows ${rows}` : captioned;
  return html`
    <svg class="sprite" aria-hidden="true">
      <defs>
        <image id="${id}" width="${across}" height="${down}"
          href="data:image/png;base64,${png.toBase64()}" />
      </defs>
    </svg>
    <ul class="grid ${kind}">${items}</ul>
  `;
}
