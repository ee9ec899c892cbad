/** The measures of every arm over its seeds, for people: whoever prints them lays them out. */
import type { Experiment } from "../define.ts";
import { formatSummary, formatValue, type Unit, unitIn } from "./format.ts";
import type { ArmResult } from "../claims/pool.ts";
import { isMain } from "./main_cells.ts";
import { isTrainedKind } from "./record.ts";
import { summarize } from "../claims/statistics.ts";

/** Where an arm lacks a measure. */
export const NONE = "-";

/** A trained arm, as it is declared; the points of sweeps are summed up in sweep_summaries.ts. */
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

/** Sums up the finished main cells of the arms that are declared. */
export function summarizeArms(
  { arms, measures }: Experiment,
  records: readonly ArmResult[],
): ArmSummaries {
  const finished = records.filter((result) =>
    result.status === "finished" && isMain(result) && Object.hasOwn(arms, result.arm)
  );
  const hasNet = ({ arm }: ArmResult) => isTrainedKind(arms[arm]!.kind);
  const trained = Map.groupBy(finished.filter(hasNet), ({ arm }) => arm);
  const others = Map.groupBy(finished.filter((result) => !hasNet(result)), ({ arm }) => arm);
  return {
    results: [...others].flatMap(([title, cells]) =>
      Object.keys(cells[0]!.measures).map((name) => {
        const value = describe(cells, name, unitIn(measures, name));
        return [title, name, cells.length > 1 ? `${value}, n = ${cells.length}` : value] as const;
      })
    ),
    trained: [...trained].map(([title, cells]) => ({
      title,
      n: cells.length,
      values: Object.keys(measures).map((name) => describe(cells, name, unitIn(measures, name))),
    })),
  };
}

function describe(cells: readonly ArmResult[], name: string, unit: Unit): string {
  const values = cells.map(({ measures }) => measures[name]).filter((value) => value !== undefined);
  const numbers = values.filter((value) => typeof value === "number");
  if (values.length === 0) return NONE;
  if (numbers.length < values.length) return formatValue(values[0]!, unit);
  const text = formatSummary(summarize(numbers), unit);
  return values.length === cells.length ? text : `${text}, n = ${values.length}`;
}
