/** The measures of every arm over its seeds, for people: whoever prints them lays them out. */
import type { Experiment } from "../define.ts";
import { formatSummary, formatValue, type Unit, unitOf } from "./format.ts";
import type { ArmResult } from "../claims/pool.ts";
import { isTrainedKind } from "./record.ts";
import { summarize } from "../claims/statistics.ts";

/** Where an arm lacks a measure. */
export const NONE = "-";

/** A trained arm, or one point of a sweep over its fields. */
export interface ArmSummary {
  readonly title: string;
  /** Finished cells. */
  readonly n: number;
  /** In the order of the declared measures: mean and 95 % interval, or {@link NONE}. */
  readonly values: readonly string[];
}

/** What the arms of a run came to. */
export interface ArmSummaries {
  /** Arm, name and value of each result of an arm without a net; of several seeds as of the trained. */
  readonly results: readonly (readonly [arm: string, name: string, value: string])[];
  readonly trained: readonly ArmSummary[];
}

/** Sums up the finished cells of the arms that are declared, those that only tune left out. */
export function summarizeArms(
  { arms, measures }: Experiment,
  records: readonly ArmResult[],
): ArmSummaries {
  const finished = records.filter(({ arm, status, tuning }) =>
    status === "finished" && !tuning && Object.hasOwn(arms, arm)
  );
  const hasNet = ({ arm }: ArmResult) => isTrainedKind(arms[arm]!.kind);
  const trained = Map.groupBy(finished.filter(hasNet), title);
  const others = Map.groupBy(finished.filter((result) => !hasNet(result)), title);
  return {
    results: [...others].flatMap(([title, cells]) =>
      Object.keys(cells[0]!.measures).map((name) => {
        const value = describe(cells, name, unitOf(measures[name]));
        return [title, name, cells.length > 1 ? `${value}, n = ${cells.length}` : value] as const;
      })
    ),
    trained: [...trained].map(([title, cells]) => ({
      title,
      n: cells.length,
      values: Object.entries(measures).map(([name, measure]) =>
        describe(cells, name, unitOf(measure))
      ),
    })),
  };
}

function title({ arm, point }: ArmResult): string {
  return [arm, ...Object.entries(point).map(([path, value]) => `${path}=${JSON.stringify(value)}`)]
    .join(" ");
}

function describe(cells: readonly ArmResult[], name: string, unit: Unit): string {
  const values = cells.map(({ measures }) => measures[name]).filter((value) => value !== undefined);
  const numbers = values.filter((value) => typeof value === "number");
  if (values.length === 0) return NONE;
  if (numbers.length < values.length) return formatValue(values[0]!, unit);
  const text = formatSummary(summarize(numbers), unit);
  return values.length === cells.length ? text : `${text}, n = ${values.length}`;
}
