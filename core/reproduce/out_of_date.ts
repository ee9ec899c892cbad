/**
 * Whether what is declared now is what was locked. A configuration or data digest that differs is
 * refused by name, with the fields that differ. What was only added - an arm, cells that choose for a
 * new claim, points of a sweep - leaves the locked cells as they are, so these can be reproduced still.
 */
import type { Trained } from "../experiment/arms/arm.ts";
import { seededSchema } from "../experiment/arms/seeded.ts";
import type { Dataset } from "../data/dataset.ts";
import { count } from "../experiment/records/format.ts";
import type { Cell } from "../experiment/plan.ts";
import { isMain } from "../experiment/records/main_cells.ts";
import type { CellRecord } from "../experiment/records/record.ts";
import { differingFields } from "./config_fields.ts";
import type { Lock } from "./lock.ts";

/** What is declared, or the data, are not what was locked; an exit code of its own. */
export class OutOfDateError extends Error {
  override readonly name = "OutOfDateError";
}

/** A cell as it is declared now, and what was locked of it. */
export interface Pair {
  readonly cell: Cell;
  readonly locked: CellRecord;
}

/** A pair that trains a net. */
export interface TrainedPair extends Pair {
  readonly cell: Cell & { readonly config: Trained };
}

/** What can be reproduced, and what is declared besides. */
export interface Matched {
  readonly pairs: readonly Pair[];
  /** Cells of arms that were added since, those that only choose, and points of added sweeps. */
  readonly added: readonly Cell[];
}

/** Reasons that are named; the others are counted. */
const NAMED = 3;
/** Characters of a value in a message. */
const VALUE_LENGTH = 60;

/**
 * Matches cells that are to be reproduced with those of the lock in `folder`.
 *
 * @param byName whether their arms were asked for by name: then none may be missing.
 * @throws {OutOfDateError} naming what differs, and cells that are not locked, but for added ones.
 */
export function matchCells(
  lock: Lock,
  folder: string,
  cells: readonly Cell[],
  byName: boolean,
): Matched {
  const locked = new Map(lock.cells.map((record) => [record.id, record]));
  const lockedArms = new Set(lock.cells.map(({ arm }) => arm));
  const reasons = new Reasons();
  const pairs: Pair[] = [];
  const added: Cell[] = [];
  for (const cell of cells) {
    const record = locked.get(cell.id);
    if (record === undefined) {
      const mayBeAdded = !isMain(cell) || !lockedArms.has(cell.arm);
      if (!byName && mayBeAdded) added.push(cell);
      else reasons.add("declared, but not locked", cell.id);
    } else if (record.digests.config !== cell.digest) {
      reasons.add(configDifference(cell, record), cell.id);
    } else {
      pairs.push({ cell, locked: record });
    }
  }
  reasons.refuse(lock, folder);
  return { pairs, added };
}

/** @throws {OutOfDateError} naming the locked cells that are not declared any more. */
export function refuseUndeclared(lock: Lock, folder: string, declared: readonly Cell[]): void {
  const reasons = new Reasons();
  for (const { id } of lock.cells) {
    if (!declared.some((cell) => cell.id === id)) reasons.add("locked, but no longer declared", id);
  }
  reasons.refuse(lock, folder);
}

/** @throws {OutOfDateError} when a cell was run on other data than these. */
export function refuseOtherData(
  lock: Lock,
  folder: string,
  pairs: readonly Pair[],
  datasets: ReadonlyMap<string, Pick<Dataset, "digest" | "description">>,
): void {
  const reasons = new Reasons();
  for (const { cell: { id, config }, locked } of pairs) {
    const data = config.kind === "computation" ? undefined : datasets.get(config.data)!;
    const [now, then] = [data?.digest ?? null, locked.digests.data];
    if (now === then) continue;
    const name = data?.description ?? "no data";
    reasons.add(`${name}: data digest ${now ?? "none"} now, ${then ?? "none"} locked`, id);
  }
  reasons.refuse(lock, folder);
}

/** What is out of date, each reason with its cells. */
class Reasons {
  readonly #cells = new Map<string, string[]>();

  add(reason: string, id: string): void {
    this.#cells.set(reason, [...this.#cells.get(reason) ?? [], id]);
  }

  /** @throws {OutOfDateError} where there is a reason. */
  refuse({ commit }: Lock, folder: string): void {
    if (this.#cells.size === 0) return;
    const named = [...this.#cells].slice(0, NAMED)
      .map(([reason, ids]) => `${some(ids)}: ${reason}`);
    const more = this.#cells.size - named.length;
    throw new OutOfDateError(
      `${folder} is out of date: ${named.join("; ")}` +
        (more > 0 ? `; and ${count(more, "more difference")}` : "") +
        `; check out the commit that was locked (${commit.slice(0, 12)}), or lock a new run`,
    );
  }
}

/** `reference-s0 and 4 more cells`. */
export function some(ids: readonly string[]): string {
  const others = ids.length - 1;
  return ids[0]! + (others > 0 ? ` and ${count(others, "more cell")}` : "");
}

function configDifference({ config, digest }: Cell, { config: then, digests }: CellRecord): string {
  const now = JSON.parse(JSON.stringify(config)) as unknown;
  const fields = differingFields(now, withDefaults(then)).map(({ path, a, b }) =>
    `${path} is ${shown(a)} now, ${shown(b)} locked`
  );
  if (fields.length > 0) return fields.join(", ");
  return `config digest ${digest.slice(0, 12)} now, ${
    digests.config.slice(0, 12)
  } locked, though ` +
    "no field differs: the lock was changed since it was written, or digests are made otherwise now";
}

/** A field that was added since, at its default, is no difference. */
function withDefaults(config: CellRecord["config"]): unknown {
  const { data } = seededSchema.safeParse(config);
  return data ? JSON.parse(JSON.stringify(data)) : config;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "not there";
  return text.length > VALUE_LENGTH ? `${text.slice(0, VALUE_LENGTH)}…` : text;
}
