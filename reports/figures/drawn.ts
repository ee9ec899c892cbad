/** A figure as its page shows it. */
import { type Html, html } from "../html.ts";

/** What drawing a figure gives. */
export interface Drawn {
  readonly title: string;
  /** Left out where the run has nothing for it. */
  readonly content: Html | undefined;
  /** How to read it. */
  readonly caption: string;
  /** What is missing in it, a sentence each. */
  readonly notes: readonly string[];
}

/** Its section: without content, only the title and what is missing. */
export function drawnSection({ title, content, caption, notes }: Drawn): Html {
  const missing = content === undefined && notes.length === 0
    ? ["This run left nothing for this figure."]
    : notes;
  return html`
    <section class="figure">
      <h3>${title}</h3>
      ${content ?? ""} ${content ? html`<p class="caption">${caption}</p>` : ""}
      ${missing.map((note) => html`<p class="missing">${note}</p>`)}
    </section>
  `;
}
