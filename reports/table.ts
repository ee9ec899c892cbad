/** Tables that stay readable on a phone: stacked cell by cell, or scrolled within their own width. */
import { type Content, type Html, html } from "./html.ts";

/** One cell for each column; a cell left out is taken by the one above it, which then spans both. */
export type Row = readonly (Content | undefined)[];

/** What a table is made of. */
export interface Table {
  /** What it is, for those who do not see it. */
  readonly label: string;
  readonly head: readonly string[];
  /** Rows that belong together stand in one group; no cell spans two of them. */
  readonly groups: readonly (readonly Row[])[];
  /** On a phone: one cell below the other with its column's name, or scrolled as it is. */
  readonly narrow: "stack" | "scroll";
}

/**
 * A table whose first column heads its rows.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { table } from "./table.ts";
 *
 * const rows = [["dense", "one", 1], [undefined, "two", 2]];
 * const { text } = table({ label: "n", head: ["arm", "", "n"], groups: [rows], narrow: "scroll" });
 * assert.match(text, /<th scope="rowgroup" rowspan="2"[^>]*>dense<\/th>/);
 * ```
 */
export function table({ label, head, groups, narrow }: Table): Html {
  const heads = head.map((name) => html`<th scope="col">${name}</th>`);
  const bodies = groups.map((rows) =>
    html`<tbody>${rows.map((_, i) => row(head, rows, i))}</tbody>`
  );
  return html`
    <div class="${narrow}" role="region" aria-label="${label}" tabindex="0">
      <table><thead><tr>${heads}</tr></thead>${bodies}</table>
    </div>
  `;
}

function row(head: readonly string[], rows: readonly Row[], index: number): Html {
  const cells = rows[index]!.map((content, column) => {
    if (content === undefined) return "";
    const next = rows.findIndex((row, i) => i > index && row[column] !== undefined);
    const span = (next < 0 ? rows.length : next) - index;
    const scope = span > 1 ? "rowgroup" : "row";
    return column === 0
      ? html`<th scope="${scope}" rowspan="${span}">${content}</th>`
      : html`<td rowspan="${span}" data-label="${head[column]!}">${content}</td>`;
  });
  return html`<tr>${cells}</tr>`;
}
