import assert from "node:assert/strict";
import fc from "fast-check";
import { Html, html } from "../../reports/html.ts";

Deno.test("html escapes whatever is no HTML yet, in text and in attributes", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    const { text: made } = html`<p title="${text}">${text}</p>`;
    const inside = /^<p title="([^]*)">([^]*)<\/p>$/.exec(made)!;
    assert.doesNotMatch(inside[1]! + inside[2]!, /[<>"']/);
    const plain = inside[2]!.replaceAll("&lt;", "<").replaceAll("&gt;", ">")
      .replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
    assert.equal(plain, text);
  }));
});

Deno.test("html keeps HTML, joins lists and writes numbers", () => {
  assert.equal(html`${[html`<b>${"<"}</b>`, 3, "&"]}`.text, "<b>&lt;</b>3&amp;");
  assert.equal(html`${new Html("<i>")}`.text, "<i>");
});
