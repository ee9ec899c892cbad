/**
 * HTML that cannot be put together wrongly: a template escapes everything it is given, but for what
 * is HTML already. Nothing of a record reaches a page by another way.
 */
import escapeHtml from "escape-html";

/** The package carries no types. */
const escape: (text: string) => string = escapeHtml;

/** Markup that is safe to stand in a page. */
export class Html {
  constructor(readonly text: string) {}
}

/** What a template takes; a list is joined without anything between. */
export type Content = Html | string | number | readonly Content[];

/**
 * A template: `` html`<p>${text}</p>` ``. A value may stand between tags or in a quoted attribute.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { html } from "./html.ts";
 *
 * const items = ["a < b", html`<b>c</b>`].map((item) => html`<li>${item}</li>`);
 * assert.equal(html`<ul>${items}</ul>`.text, "<ul><li>a &lt; b</li><li><b>c</b></li></ul>");
 * ```
 */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(
    strings.map((text, i) => text + (i < values.length ? render(values[i]!) : "")).join(""),
  );
}

function render(content: Content): string {
  if (content instanceof Html) return content.text;
  if (typeof content === "string" || typeof content === "number") return escape(String(content));
  return content.map(render).join("");
}
