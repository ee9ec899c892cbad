/**
 * How reports look: colours in light and dark, the marks that tell arms apart, what charts share.
 * theme.css has the layout, pictures.css that of pictures, narrow.css what changes of both on a phone and
 * on paper. Whoever wants another look changes these four files and no other.
 */
import type { Config } from "vega-lite";
import narrow from "./narrow.css" with { type: "text" };
import pictures from "./pictures.css" with { type: "text" };
import layout from "./theme.css" with { type: "text" };

/** Colours by role, in light and in dark; text has a contrast of 4.5 to paper, marks have 3. */
export const COLOURS = {
  paper: ["#ffffff", "#16181b"],
  panel: ["#f5f5f2", "#1f2226"],
  ink: ["#1d1f21", "#e9e8e4"],
  quiet: ["#5c6166", "#a5abb1"],
  rule: ["#dddcd8", "#363a3f"],
  link: ["#0a5a9c", "#7fbdf5"],
  supported: ["#0a5a9c", "#7fbdf5"],
  refuted: ["#b23c0e", "#f79a6b"],
  mixed: ["#86408a", "#d99add"],
  open: ["#5c6166", "#a5abb1"],
} as const;

/** Of lines and points: apart for every common kind of colour vision, and in grey by their dashes. */
export const SERIES_COLOURS = [
  ["#0a5a9c", "#7fbdf5"],
  ["#c04a12", "#f79a6b"],
  ["#14805e", "#63cba0"],
  ["#86408a", "#d99add"],
  ["#94680a", "#e3b54a"],
  ["#2a83a8", "#7dd3ea"],
  ["#55595e", "#b6bbc1"],
] as const;

/**
 * Of tiles, from the smallest number to the largest: one hue in equal steps of lightness (OKLab), so
 * that every eye sees the same order, away from the paper in light and in dark.
 */
export const HEAT_COLOURS = [
  ["#ccddee", "#1d2a37"],
  ["#92bce7", "#21476c"],
  ["#619ad4", "#2e669d"],
  ["#3978b5", "#4887c5"],
  ["#1e588d", "#70a9e4"],
  ["#133a5e", "#a2ccf8"],
  ["#121e2b", "#deedfe"],
] as const;

/** Tiles from this one on carry paper-coloured text, the others ink. */
const FIRST_ON_PAPER = 3;

/** Dashes of lines, in pixels. */
const DASHES = [[], [7, 3], [2, 3], [9, 3, 2, 3]] as const;

/** Outlines of points, as SVG paths in a square from -1 to 1. */
const SHAPES = [
  "M-1,0A1,1,0,1,1,1,0A1,1,0,1,1,-1,0Z",
  "M-.9,-.9L.9,-.9L.9,.9L-.9,.9Z",
  "M0,-1.2L1.1,.8L-1.1,.8Z",
  "M0,-1.2L1.2,0L0,1.2L-1.2,0Z",
  "M0,1.2L1.1,-.8L-1.1,-.8Z",
] as const;

/** How the lines and points of one arm are drawn. */
export interface Series {
  readonly colour: string;
  readonly dash: readonly number[];
  readonly shape: string;
}

/** The n-th series: 7 colours, 4 dashes and 5 shapes make 140, and neighbours differ in all three. */
export function series(n: number): Series {
  return {
    colour: `var(--series-${n % SERIES_COLOURS.length})`,
    dash: DASHES[n % DASHES.length]!,
    shape: SHAPES[n % SHAPES.length]!,
  };
}

/** The colours of a tile by how far along its number lies, 0..1. */
export function heat(share: number): { readonly fill: string; readonly text: string } {
  const last = HEAT_COLOURS.length - 1;
  const n = Math.min(last, Math.floor(share * HEAT_COLOURS.length));
  return { fill: `var(--heat-${n})`, text: n < FIRST_ON_PAPER ? "var(--ink)" : "var(--paper)" };
}

/** The style sheet of every page. */
export const STYLES: string = `:root {\n${variables(0)}}\n` +
  `@media (prefers-color-scheme: dark) {\n:root {\n${variables(1)}}\n}\n` +
  `${layout}\n${pictures}\n${narrow}`;

function variables(mode: 0 | 1): string {
  const named = Object.entries(COLOURS).map(([role, colours]) => [role, colours[mode]]);
  const numbered = SERIES_COLOURS.map((colours, i) => [`series-${i}`, colours[mode]]);
  const tiles = HEAT_COLOURS.map((colours, i) => [`heat-${i}`, colours[mode]]);
  return [...named, ...numbered, ...tiles].map(([name, colour]) => `--${name}: ${colour};\n`).join(
    "",
  );
}

/** What all charts share. Colours are the page's own variables, so a chart turns dark with it. */
export const CHART_CONFIG: Config = {
  background: null as never,
  font: "inherit",
  view: { stroke: null },
  axis: {
    domainColor: "var(--quiet)",
    gridColor: "var(--rule)",
    tickColor: "var(--quiet)",
    labelColor: "var(--quiet)",
    titleColor: "var(--quiet)",
    labelFontSize: 13,
    titleFontSize: 13,
    titleFontWeight: "normal",
    labelPadding: 6,
    aria: false,
  },
  axisX: { grid: false, titlePadding: 8, titleAnchor: "end" },
  axisY: {
    domain: false,
    ticks: false,
    titleAngle: 0,
    titleAnchor: "start",
    titleAlign: "left",
    titleBaseline: "bottom",
    titleX: 0,
    titleY: -10,
  },
  // The page describes each chart once, in words, instead of mark by mark.
  aria: false,
};
