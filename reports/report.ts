/** The report of a run: one page, from its records and the declaration alone. */
import { count } from "../core/experiment/records/format.ts";
import { makingsOf } from "../core/experiment/records/making.ts";
import { hangsOnSeed } from "../core/experiment/records/record.ts";
import { armsSection } from "./arms.ts";
import { claimsSection } from "./claims.ts";
import { figuresSection } from "./figures.ts";
import { type Html, html } from "./html.ts";
import { describeData, distinct, madeSection } from "./made.ts";
import { page } from "./page.ts";
import type { Reported } from "./reported.ts";
import { sweepsSection } from "./sweeps.ts";

/**
 * The page as HTML: claims first, then figures, arms, sweeps, and how it was made.
 *
 * @throws {CheckpointError} when a checkpoint that a figure needs is damaged.
 * @throws {DeclarationError} when sample images that a figure needs are damaged.
 */
export async function reportPage(run: Reported): Promise<string> {
  const { title, summary } = run.experiment;
  return page(
    title,
    html`
      <header>
        <p class="kicker"><a href="index.html">samebits</a></p>
        <h1>${title}</h1>
        <p class="summary">${summary}</p>
        ${facts(run)} ${standIn(run)}
      </header>
      <main>
        ${claimsSection(run)} ${await figuresSection(run)} ${armsSection(run)} ${sweepsSection(
          run,
        )} ${madeSection(run)}
      </main>
    `,
  );
}

function facts({ stored: { run, cells } }: Reported): Html {
  const seeds = new Set(cells.filter(({ tuning }) => !tuning).map(({ seed }) => seed));
  const seeded = cells.some(({ config }) => hangsOnSeed(config["kind"]));
  const list = [
    `preset ${run.preset}`,
    count(cells.length, "cell"),
    ...(seeded ? [count(seeds.size, "seed")] : []),
    ...distinct(cells, describeData),
    ...distinct(cells.flatMap(makingsOf), ({ device }) => `${device.kind}: ${device.name}`),
    run.created.slice(0, 10),
  ];
  return html`<ul class="facts">${list.map((fact) => html`<li>${fact}</li>`)}</ul>`;
}

function standIn({ stored: { cells } }: Reported): Html | "" {
  if (!cells.some(({ standIn }) => standIn)) return "";
  return html`
    <p class="warning" role="note">
      <strong>Stand-in, not real data.</strong> These nets learned drawn pictures, so no claim that
      needs training is judged.
    </p>
  `;
}
