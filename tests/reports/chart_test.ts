import assert from "node:assert/strict";
import { chart, legend } from "../../reports/chart.ts";
import { series } from "../../reports/theme.ts";

const HOSTILE = `<script>alert("1")</script>`;
const draw = () => ({
  data: { values: [{ x: 0, y: 0.25, name: HOSTILE }, { x: 1, y: 0.5, name: HOSTILE }] },
  encoding: {
    x: { field: "x", type: "quantitative", title: HOSTILE },
    y: { field: "y", type: "quantitative" },
  },
  layer: [
    { mark: "line" },
    { mark: "text", encoding: { text: { field: "name" }, color: { value: series(0).colour } } },
  ],
});

Deno.test("chart() draws one picture for a wide page and one for a narrow one", async () => {
  const { text } = await chart("It rises.", draw);
  assert.equal(text.match(/<svg /g)!.length, 2);
  assert.match(text, /<div class="wide"><svg [^>]*width="860" height="360"/);
  assert.match(text, /<div class="narrow"><svg [^>]*width="350" height="300"/);
  assert.match(text, /^<div class="chart" role="img" aria-label="It rises\.">/);
});

Deno.test("chart() takes its colours from the page, and needs no id, script or style attribute", async () => {
  const { text } = await chart("It rises.", draw);
  assert.match(text, /fill="var\(--series-0\)"/);
  assert.match(text, /stroke="var\(--rule\)"/);
  assert.doesNotMatch(text, /\s(id|style|on\w+|href)=/);
  assert.doesNotMatch(text, /<(script|style|image|use)/);
});

Deno.test("chart() escapes every text, and gives the same bytes again", async () => {
  const { text } = await chart(HOSTILE, draw);
  assert.ok(text.includes("&lt;script&gt;"));
  assert.equal((await chart(HOSTILE, draw)).text, text);
});

Deno.test("legend() shows each mark with its name and what is beside it", () => {
  const { text } = legend([{ name: "a<b", series: series(1), note: "n = 3" }], "line");
  assert.match(text, /stroke="var\(--series-1\)" stroke-width="2" stroke-dasharray="7 3"/);
  assert.match(text, /a&lt;b <span class="quiet">n = 3<\/span>/);
  assert.doesNotMatch(legend([{ name: "a", series: series(1) }], "point").text, /stroke=/);
});
