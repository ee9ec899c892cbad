/** How a report was made: what ran where, on which data, under which digests, and how to run it. */
import { count, formatSeconds } from "../core/experiment/records/format.ts";
import { type Making, makingsOf } from "../core/experiment/records/making.ts";
import type { CellRecord } from "../core/experiment/records/record.ts";
import type { StoredRun } from "../core/experiment/records/read_run.ts";
import { optionWords, reproduceCommand, runCommands } from "../core/experiment/run_command.ts";
import { type Html, html } from "./html.ts";
import type { Reported } from "./reported.ts";
import { table } from "./table.ts";

/** Digits of a digest that are shown, as on the command line; the records have all. */
const DIGITS = 12;

/** The section. */
export function madeSection({ stored, lock }: Reported): Html {
  const { folder, run, cells } = stored;
  const makings = cells.flatMap(makingsOf);
  const facts: [name: string, values: readonly string[]][] = [
    lock
      ? ["Locked", [`at commit ${short(lock.commit)}`]]
      : ["Run", [`${folder.split("/").at(-1)!}, not from a lock`]],
    ["Started", [run.created]],
    ["Preset", [[run.preset, ...optionWords(run)].join(" ")]],
    ["Data", distinct(cells, describeDigest)],
    ["Device", distinct(makings, describeDevice)],
    ["Versions", distinct(makings, describeVersions)],
    ["Code", distinct(makings, ({ digests }) => short(digests.code))],
    ["Shaders", distinct(makings, ({ digests }) => short(digests.shaders))],
    ["Dependencies", lock ? [`deno.lock ${short(lock.dependencies)}`] : []],
  ];
  const list = facts.filter(([, values]) => values.length > 0).map(([name, values]) => {
    const all = values.map((value) => html`<dd>${value}</dd>`);
    return html`<div><dt>${name}</dt>${all}</div>`;
  });
  const done = cells.filter(({ status }) => status !== "running").length;
  return html`
    <section class="made">
      <h2>How it was made</h2>
      <p class="aside">
        From ${lock
          ? "what is locked"
          : "the records"} of one run; the verdicts are the judge's, by the claims as they are declared
        now. The same records make the same page, byte for byte.
      </p>
      <dl>${list}</dl>
      <h3>To make it again</h3>
      <pre tabindex="0"><code>${commands(stored, lock !== undefined).join("\n")}</code></pre>
      <details>
        <summary>${done} of ${count(run.cells.length, "cell")} done</summary>
        ${cellTable(cells)}
      </details>
      <details>
        <summary>Criteria that the cells were run under</summary>
        ${claimTable(cells)}
      </details>
    </section>
  `;
}

/** On which data, loudly where they are not real; nothing for a computation. */
export function describeData({ config, digests, standIn }: CellRecord): string {
  if (digests.data === null) return "";
  return `${standIn ? "STAND-IN, NOT REAL DATA, for " : ""}${config["data"]}`;
}

function describeDigest(cell: CellRecord): string {
  const data = describeData(cell);
  return data === "" ? "" : `${data} (digest ${short(cell.digests.data!)})`;
}

/** `cpu: Xeon, 2 threads, arithmetic spelt plain`. */
function describeDevice({ device }: Making): string {
  return [
    `${device.kind}: ${device.name}`,
    ...(device.threads === undefined ? [] : [count(device.threads, "thread")]),
    device.spelling === "none"
      ? "ADAPTER-SPECIFIC ARITHMETIC: no spelling holds the contract"
      : `arithmetic spelt ${device.spelling}`,
    ...(device.tiles === undefined ? [] : [`tiles ${device.tiles}`]),
  ].join(", ");
}

/** What is said of some things, each once, in their order. */
export function distinct<T>(things: readonly T[], describe: (thing: T) => string): string[] {
  return [...new Set(things.map(describe))].filter((text) => text !== "");
}

function describeVersions({ versions }: Making): string {
  return Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ");
}

function commands({ run, cells }: StoredRun, isLocked: boolean): string[] {
  const real = cells.some(({ digests, standIn }) => digests.data !== null && !standIn);
  const again = isLocked ? [reproduceCommand(run.experiment, run.preset)] : runCommands(run);
  return [
    ...again.map((command) => command + (real ? " --data-dir DIR" : "")),
    "deno task report",
  ];
}

function cellTable(cells: readonly CellRecord[]): Html {
  const rows = cells.map(({ id, seed, status, reason, steps, progress }) => [
    id,
    seed,
    // A net may have ended before its last step, at a level that it was trained to.
    status === "finished" ? progress.step : `${progress.step} of ${steps}`,
    reason === undefined ? status : `${status}: ${reason}`,
    formatSeconds(progress.seconds),
    html`<code>${short(progress.chain.at(-1)?.[1] ?? "-")}</code>`,
  ]);
  return table({
    label: "Cells of the run",
    head: ["Cell", "Seed", "Steps", "Status", "Time", "Weights at the end"],
    groups: rows.map((row) => [row]),
    narrow: "scroll",
  });
}

function claimTable(cells: readonly CellRecord[]): Html {
  const ids = [...new Set(cells.flatMap(({ digests }) => Object.keys(digests.claims)))];
  const rows = ids.map((id) => [
    id,
    html`<code>${
      distinct(cells, ({ digests }) => short(digests.claims[id] ?? "")).join(", ")
    }</code>`,
  ]);
  return table({
    label: "Digests of the claims' criteria",
    head: ["Claim", "Digest"],
    groups: rows.map((row) => [row]),
    narrow: "scroll",
  });
}

function short(digest: string): string {
  return digest.slice(0, DIGITS);
}
