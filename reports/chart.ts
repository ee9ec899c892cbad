/**
 * Charts: a vega-lite description in, static SVG out. Each is drawn for a wide and for a narrow
 * page, and the style sheet shows the one that fits, so that a page needs no script and its letters
 * are never scaled away.
 */
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { type Content, Html, html } from "./html.ts";
import { CHART_CONFIG, type Series } from "./theme.ts";

/** What a chart shows: a vega-lite description without its size and its looks. */
export interface Drawing {
  readonly data: { readonly values: readonly object[] };
  readonly encoding: object;
  readonly layer: readonly object[];
  /** Where the usual one does not fit. */
  readonly height?: number;
}

/** In pixels, as drawn. */
export const SIZES = {
  wide: { width: 860, height: 360 },
  narrow: { width: 350, height: 300 },
} as const;

/** Which of the two drawings; there is less room for ticks in the narrow one. */
export type Room = keyof typeof SIZES;

/** A chart; `label` says what it shows to those who do not see it. */
export async function chart(label: string, draw: (room: Room) => Drawing): Promise<Html> {
  const [wide, narrow] = await Promise.all([svg("wide", draw), svg("narrow", draw)]);
  return html`<div class="chart" role="img" aria-label="${label}">${wide}${narrow}</div>`;
}

async function svg(room: Room, draw: (room: Room) => Drawing): Promise<Html> {
  const { spec } = compile({
    ...SIZES[room],
    ...draw(room),
    autosize: { type: "fit", contains: "padding" },
    padding: { left: 0, right: 12, top: 6, bottom: 6 },
  } as TopLevelSpec, { config: CHART_CONFIG });
  const view = new View(parse(spec), { renderer: "none" });
  try {
    // Vega escapes the texts that it draws.
    return html`<div class="${room}">${new Html(rounded(await view.toSVG()))}</div>`;
  } finally {
    view.finalize();
  }
}

/** Outlines to a hundredth of a pixel: what comes behind would take most of a page's bytes. */
function rounded(svg: string): string {
  return svg.replace(
    / d="[^"]*"/g,
    (outline) =>
      outline.replace(/\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2)))),
  );
}

/** One line of a legend. */
export interface LegendEntry {
  readonly name: string;
  readonly series: Series;
  /** What stands beside the name. */
  readonly note?: Content;
}

/** Names with their marks: a line through a point, or the point alone. */
export function legend(entries: readonly LegendEntry[], mark: "line" | "point"): Html {
  const box = mark === "line" ? "-18 -7 36 14" : "-7 -7 14 14";
  const width = mark === "line" ? 36 : 14;
  const items = entries.map(({ name, series: { colour, dash, shape }, note = "" }) => {
    const dashes = dash.join(" ") || "none";
    const line = html`
      <path d="M-16,0H16" stroke="${colour}" stroke-width="2" stroke-dasharray="${dashes}" />
    `;
    return html`
      <li>
        <svg viewBox="${box}" width="${width}" height="14" aria-hidden="true">
          ${mark === "line" ? line : ""}
          <path d="${shape}" transform="scale(4.5)" fill="${colour}" />
        </svg>
        ${name} <span class="quiet">${note}</span>
      </li>
    `;
  });
  return html`<ul class="legend">${items}</ul>`;
}
