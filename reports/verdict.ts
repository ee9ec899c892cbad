/** A verdict by word, shape and colour. */
import type { Verdict } from "../core/experiment/claims/judge.ts";
import { type Html, html } from "./html.ts";

/** Drawn in a square from -8 to 8: filled where something was decided. */
const SHAPES: Readonly<Record<Verdict, Html>> = {
  supported: html`
    <circle r="7" fill="currentColor" />
    <path d="M-3.5,0L-1,2.7L3.6,-2.7" class="sign" />
  `,
  refuted: html`
    <path d="M0,-8L8,0L0,8L-8,0Z" fill="currentColor" />
    <path d="M-2.4,-2.4L2.4,2.4M2.4,-2.4L-2.4,2.4" class="sign" />
  `,
  mixed: html`
    <circle r="6" class="outline" />
    <path d="M0,-6A6,6,0,0,0,0,6Z" fill="currentColor" />
  `,
  inconclusive: html`<circle r="6" class="outline" />`,
  "not seen": html`<circle r="6" class="outline dotted" />`,
  "not run": html`<path d="M-6,0H6" class="outline" />`,
};

/** All of them, in the order in which they are counted. */
export const VERDICTS = Object.keys(SHAPES) as readonly Verdict[];

const COLOURS: Partial<Record<Verdict, string>> = {
  supported: "supported",
  refuted: "refuted",
  mixed: "mixed",
};

/** The verdict; the shape says nothing that the word does not. */
export function verdictBadge(verdict: Verdict): Html {
  const colour = COLOURS[verdict] ?? "open";
  const shape = SHAPES[verdict];
  return html`
    <span class="verdict ${colour}">
      <svg viewBox="-8 -8 16 16" width="16" height="16" aria-hidden="true">${shape}</svg> ${verdict}
    </span>
  `;
}
