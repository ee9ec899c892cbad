/** A measure over the values of a sweep. */
import { summarize } from "../../core/experiment/claims/statistics.ts";
import type { FigureOf } from "../../core/experiment/figure.ts";
import { choicesOf } from "../../core/experiment/measures/choices.ts";
import { canonicalJson } from "../../core/experiment/records/canonical.ts";
import { count, formatNumber, type Unit, unitOf } from "../../core/experiment/records/format.ts";
import { PlacedCells, standsAt } from "../../core/experiment/records/placed_cells.ts";
import type { CellRecord } from "../../core/experiment/records/record.ts";
import type { Point, Sweep } from "../../core/experiment/sweep.ts";
import { html } from "../html.ts";
import type { Reported } from "../reported.ts";
import { capital, valueName, words } from "../words.ts";
import type { Drawn } from "./drawn.ts";
import { type Range, type Side, type Tile, tileChart, tileLegend } from "./tile_chart.ts";

/** Where a tile may be. */
interface Spot extends Pick<Tile, "column" | "row"> {
  readonly arm: string;
  readonly point: Point;
  /** What it is called where it is only spoken of. */
  readonly name: string;
}

/** What one chart has room for: all arms, or the one that is its title. */
interface Panel {
  readonly title: string;
  readonly columns: Side;
  readonly rows: Side;
  readonly spots: readonly Spot[];
}

/** Draws it from the measures in the records. */
export async function heatMap(
  run: Reported,
  { title, sweep, measure, arms }: FigureOf<"heat map">,
): Promise<Drawn> {
  const { sweeps, measures, arms: declared } = run.experiment;
  const { over } = sweeps[sweep]!;
  const heading = title ?? `${capital(measure)} by ${Object.keys(over).map(words).join(" and ")}`;
  const panels = panelsOf(over, arms);
  const spots = panels.flatMap(({ spots }) => spots);
  const cellsAt = ended(run, arms);
  const choices = choicesOf(run.experiment, run.stored.cells).filter((choice) =>
    choice.sweep === sweep && arms.includes(choice.arm)
  );
  const chosen = new Set(choices.map(({ arm, chosen }) => canonicalJson([arm, chosen])));
  const places = new Map(spots.flatMap((spot) => {
    const { arm, point } = spot;
    const numbers = numbersOf(cellsAt(spot), measure);
    const marks = {
      declared: standsAt(declared[arm], point),
      chosen: chosen.has(canonicalJson([arm, point])),
    };
    return numbers ? [[spot, { ...spot, ...numbers, ...marks }] as const] : [];
  }));
  const tiles = [...places.values()];
  const values = tiles.flatMap(({ value }) => value ?? []);
  if (values.length === 0 || tiles.every(({ declared }) => declared)) {
    const notes = [`This run has no results of the sweep "${sweep}".`];
    return { title: heading, content: undefined, caption: "", notes };
  }
  const range: Range = [Math.min(...values), Math.max(...values)];
  const unit = unitOf(measures[measure]);
  const charts = await Promise.all(panels.map(async ({ title, columns, rows, spots }) => {
    const own = spots.flatMap((spot) => places.get(spot) ?? []);
    const said = own.map((place) => `${place.name} ${describe(place, unit)}`).join("; ");
    const label = `${heading}${title === "" ? "" : `, ${title}`}. ${said}.`;
    return html`
      ${title === "" ? "" : html`<h4>${title}</h4>`} ${await tileChart(own, {
        label,
        columns,
        rows,
        unit,
        range,
      })}
    `;
  }));
  return {
    title: heading,
    content: html`${tileLegend(tiles, unit, range)} ${charts}`,
    caption: [
      `Each number is the mean over ${seedsOf(tiles)}${
        UNITS[unit]
      }; seeds that diverged are left ` +
      "out of it.",
      ...new Set(
        choices.map(({ by, seed }) =>
          `The best was chosen by ${by} on seed ${seed}, which is none of these.`
        ),
      ),
    ].join(" "),
    notes: missing(run, spots, { measure, over, cellsAt }),
  };
}

const UNITS: Readonly<Record<Unit, string>> = {
  share: ", in per cent",
  points: ", in percentage points",
  plain: "",
};

/** Arms by the values of the only field, or for each arm the values of one by those of the other. */
function panelsOf(
  over: Sweep["over"],
  arms: readonly string[],
): Panel[] {
  const [first, second] = Object.entries(over).map(([path, values]) => ({
    title: words(path),
    names: values.map(valueName),
    points: values.map((value): Point => ({ [path]: value })),
  }));
  const { points, ...columns } = first!;
  if (second === undefined) {
    const spots = arms.flatMap((arm, row) =>
      points.map((point, column) => (
        { arm, point, row, column, name: `${arm} at ${columns.names[column]}:` }
      ))
    );
    return [{ title: "", columns, rows: { title: "", names: arms }, spots }];
  }
  const { points: others, ...rows } = second;
  return arms.map((arm) => ({
    title: arm,
    columns,
    rows,
    spots: others.flatMap((other, row) =>
      points.map((point, column) => ({
        ...{ arm, point: { ...point, ...other }, row, column },
        name: `${columns.names[column]} and ${rows.names[row]}:`,
      }))
    ),
  }));
}

/** The cells at a spot that are finished or have diverged, one a seed; not those that tune. */
function ended({ stored: { cells } }: Reported, arms: readonly string[]) {
  const placed = new PlacedCells(cells);
  const seeds = new Map(arms.map((arm) => {
    const own = cells.filter((cell) => cell.arm === arm && !cell.tuning);
    return [arm, [...new Set(own.map(({ seed }) => seed))].sort((a, b) => a - b)];
  }));
  return ({ arm, point }: Spot): readonly CellRecord[] =>
    seeds.get(arm)!.flatMap((seed) => placed.at(arm, seed, point) ?? []);
}

/** Nothing where no seed has come to an end, or one lacks the measure: the others are no fair sample. */
function numbersOf(
  cells: readonly CellRecord[],
  measure: string,
): Pick<Tile, "value" | "seeds" | "diverged"> | undefined {
  const finished = cells.filter(isFinished);
  const values = finished.flatMap((cell) => valueOf(cell, measure) ?? []);
  if (cells.length === 0 || values.length < finished.length) return undefined;
  return {
    value: values.length === 0 ? undefined : summarize(values).mean,
    seeds: cells.length,
    diverged: cells.length - finished.length,
  };
}

function isFinished({ status }: CellRecord): boolean {
  return status === "finished";
}

function valueOf({ measures }: CellRecord, measure: string): number | undefined {
  const value = Object.hasOwn(measures, measure) ? measures[measure] : undefined;
  return typeof value === "number" ? value : undefined;
}

/** Why tiles, or seeds of them, are missing. */
function missing(
  { stored: { cells } }: Reported,
  spots: readonly Spot[],
  { measure, over, cellsAt }: {
    readonly measure: string;
    readonly over: Sweep["over"];
    readonly cellsAt: (spot: Spot) => readonly CellRecord[];
  },
): string[] {
  const arms = new Set(spots.map(({ arm }) => arm));
  const running =
    cells.filter(({ arm, tuning, point, status }) =>
      status === "running" && !tuning && arms.has(arm) &&
      Object.keys(point).every((path) => path in over)
    ).length;
  const found = spots.map(cellsAt);
  const empty = found.filter(({ length }) => length === 0).length;
  const unmeasured =
    found.flat().filter((cell) => isFinished(cell) && valueOf(cell, measure) === undefined).length;
  return [
    ...(empty > 0 ? [`Not in this run: ${empty} of ${count(spots.length, "tile")}.`] : []),
    ...(running > 0 ? [`${count(running, "cell is", "cells are")} not finished: left out.`] : []),
    ...(unmeasured > 0 ? [`Not measured in ${count(unmeasured, "cell")}.`] : []),
  ];
}

/** `97.1 %, 1 of 5 diverged`. */
function describe({ value, seeds, diverged }: Tile, unit: Unit): string {
  return [
    ...(value === undefined ? [] : [formatNumber(value, unit)]),
    ...(diverged > 0 ? [`${diverged} of ${seeds} diverged`] : []),
  ].join(", ");
}

/** `5 seeds`, or `3 to 5 seeds`. */
function seedsOf(tiles: readonly Tile[]): string {
  const seeds = tiles.map(({ seeds }) => seeds);
  const [least, most] = [Math.min(...seeds), Math.max(...seeds)];
  return least === most ? count(most, "seed") : `${least} to ${count(most, "seed")}`;
}
