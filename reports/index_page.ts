/** The page that leads to the reports. */
import { notTestable, tally } from "./claims.ts";
import { html } from "./html.ts";
import { page } from "./page.ts";
import type { Reported } from "./reported.ts";

/** The file of an experiment's report, beside the index. */
export function fileOf(experiment: string): string {
  return `${experiment}.html`;
}

/** The index of some reports, in their order. */
export function indexPage(runs: readonly Reported[]): Promise<string> {
  const entries = runs.map((run) => {
    const { name, title, summary } = run.experiment;
    return html`
      <section class="entry">
        <h2><a href="${fileOf(name)}">${title}</a></h2>
        <p>${summary}</p>
        ${tally(run)}
      </section>
    `;
  });
  return page(
    "Reports",
    html`
      <header>
        <p class="kicker">samebits</p>
        <h1>What the lectures say, and what came out</h1>
        <p class="summary">
          Deep-learning experiments whose bits are the same on every run and every device. Each
          report is made from the records of one run.
        </p>
      </header>
      <main>${entries} ${notTestable()}</main>
    `,
  );
}
