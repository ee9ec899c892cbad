/** A table of numbers as tiles: the larger a number, the more its tile stands out from the paper. */
import { formatNumber, type Unit } from "../../core/experiment/records/format.ts";
import { chart, type Room, SIZES } from "../chart.ts";
import { type Html, html } from "../html.ts";
import { heat, HEAT_COLOURS } from "../theme.ts";
import { valueName } from "../words.ts";
import { brokenNames, LETTER, reservedFor } from "./encoding.ts";

/** One tile. */
export interface Tile {
  readonly column: number;
  readonly row: number;
  /** Left out where all seeds diverged. */
  readonly value?: number | undefined;
  /** Of so many seeds so many diverged. */
  readonly seeds: number;
  readonly diverged: number;
  /** Whether its arm is declared so. */
  readonly declared: boolean;
  /** Whether it was chosen as the best. */
  readonly chosen: boolean;
}

/** A direction of the table. */
export interface Side {
  readonly title: string;
  readonly names: readonly string[];
}

/** The smallest and the largest number that the colours have to tell apart. */
export type Range = readonly [low: number, high: number];

/** Of a line of text in a tile, in pixels. */
const LINE = 16;
/** Above and below the text together. */
const MARGIN = 18;
/** Between a tile and a frame in it. */
const INSET = 3.5;
/** Of axes and titles. */
const FRAME = 76;

/** The chart; a narrow page has the longer side from top to bottom. */
export function tileChart(
  tiles: readonly Tile[],
  { label, columns, rows, unit, range }: {
    readonly label: string;
    readonly columns: Side;
    readonly rows: Side;
    readonly unit: Unit;
    readonly range: Range;
  },
): Promise<Html> {
  return chart(label, (room) => {
    const turned = room === "narrow" && columns.names.length > rows.names.length;
    const [across, down] = turned ? [rows, columns] : [columns, rows];
    const width = tileWidth(room, across.names.length, down.names);
    const values = tiles.map((tile) => ({
      x: turned ? tile.row : tile.column,
      y: turned ? tile.column : tile.row,
      lines: lines(tile, unit, width),
      declared: tile.declared,
      ...(tile.value === undefined
        ? { fill: "none", text: "var(--quiet)" }
        : heat(along(tile.value, range))),
    }));
    const height = MARGIN + LINE * Math.max(...values.map(({ lines }) => lines.length));
    const color = { field: "text", type: "nominal", scale: null };
    const frame = (filter: string, mark: object) => ({
      transform: [{ filter }],
      mark: {
        ...{ type: "rect", filled: false, ...mark },
        width: { band: 1 - 2 * INSET / width },
        height: { band: 1 - 2 * INSET / height },
      },
      encoding: { color },
    });
    return {
      data: { values },
      height: FRAME + down.names.length * height,
      encoding: {
        x: side("x", across, Math.floor(width / LETTER)),
        y: side("y", down, LONGEST),
      },
      layer: [
        {
          mark: { type: "rect", stroke: "var(--paper)", strokeWidth: 2 },
          encoding: { fill: { field: "fill", type: "nominal", scale: null } },
        },
        frame("datum.fill === 'none'", { strokeWidth: 1, strokeDash: [4, 3] }),
        frame("datum.declared", { strokeWidth: 2 }),
        {
          mark: {
            ...{ type: "text", fontSize: 13, lineHeight: LINE, baseline: "middle" },
            // Of several lines the first one stands where a single one would.
            dy: { expr: `-${LINE / 2} * (length(datum.lines) - 1)` },
          },
          encoding: { text: { field: "lines", type: "nominal" }, color },
        },
      ],
    };
  });
}

/** What the tiles' colours and marks say. */
export function tileLegend(tiles: readonly Tile[], unit: Unit, [low, high]: Range): Html {
  const ramp = HEAT_COLOURS.map((_, n) => (
    html`<path d="M${16 * n},0h16v14h-16z" fill="${heat(n / HEAT_COLOURS.length).fill}" />`
  ));
  const entry = (mark: Html, text: string) =>
    html`
      <li><svg viewBox="0 0 18 14" width="18" height="14" aria-hidden="true">${mark}</svg> ${text}</li>
    `;
  const width = 16 * HEAT_COLOURS.length;
  return html`
    <ul class="legend">
      <li>
        ${formatNumber(low, unit)}
        <svg viewBox="0 0 ${width} 14" width="${width}" height="14" aria-hidden="true">${ramp}</svg>
        ${formatNumber(high, unit)}
      </li>
      ${tiles.some(({ declared }) => declared)
        ? entry(
          html`<path d="M1.5,1.5h15v11h-15z" fill="none" stroke="currentColor" stroke-width="2" />`,
          "as the arm is declared",
        )
        : ""}
      ${tiles.some(({ chosen }) => chosen) ? html`<li>★ chosen as the best</li>` : ""}
      ${tiles.some(({ diverged }) => diverged > 0)
        ? entry(
          html`
            <path d="M1,1h16v12h-16z" fill="none" stroke="var(--quiet)" stroke-dasharray="4 3" />
          `,
          "✕ diverged: a loss or gradient was not finite",
        )
        : ""}
    </ul>
  `;
}

/** How far a number lies along a range, 0..1; the upper end where the range is one number. */
function along(value: number, [low, high]: Range): number {
  return high > low ? (value - low) / (high - low) : 1;
}

/** What stands in a tile of some width, line by line. */
function lines({ value, seeds, diverged, chosen }: Tile, unit: Unit, width: number): string[] {
  const wide = width >= ("diverged".length + 1) * LETTER;
  const text = [
    ...(chosen ? ["★"] : []),
    // Without the unit, which stands in the caption.
    ...(value === undefined
      ? []
      : [unit === "plain" ? valueName(value) : formatNumber(value, unit).split(" ")[0]!]),
  ];
  if (diverged === 0) return text;
  if (value === undefined) return [...text, wide ? "diverged" : "✕"];
  return [
    ...text,
    ...(wide ? [`${diverged} of ${seeds}`, "diverged"] : [`✕ ${diverged}/${seeds}`]),
  ];
}

/** Letters in a line of a row's label. */
const LONGEST = 12;

/** What each of some columns has, beside the labels of the rows. */
function tileWidth(room: Room, columns: number, rows: readonly string[]): number {
  return (SIZES[room].width - reservedFor(rows, LONGEST) - 24) / columns;
}

/** An axis of names in their order; they are broken into lines of so many letters. */
function side(field: "x" | "y", { title, names }: Side, letters: number) {
  return {
    field,
    type: "ordinal",
    title,
    scale: { domain: names.map((_, i) => i), paddingInner: 0, paddingOuter: 0 },
    axis: {
      ...{ labelAngle: 0, labelLimit: 0, labelOverlap: false, domain: false, ticks: false },
      labelExpr: brokenNames(names, letters),
    },
  };
}
