import assert from "node:assert/strict";
import { COLOURS, series, SERIES_COLOURS, STYLES } from "../../reports/theme.ts";

/** WCAG's contrast of two colours. */
function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

for (const [mode, name] of ["light", "dark"].entries()) {
  Deno.test(`text has a contrast of 4.5 and marks have 3 in ${name}`, () => {
    const { paper, panel, rule: _, ...text } = COLOURS;
    for (const colours of Object.values(text)) {
      for (const behind of [paper, panel]) {
        assert.ok(contrast(colours[mode]!, behind[mode]!) >= 4.5);
      }
    }
    for (const colours of SERIES_COLOURS) assert.ok(contrast(colours[mode]!, paper[mode]!) >= 3);
  });
}

Deno.test("140 series differ, neighbours in colour, dash and shape", () => {
  const all = Array.from({ length: 140 }, (_, n) => series(n));
  assert.equal(new Set(all.map((each) => JSON.stringify(each))).size, 140);
  all.slice(1).forEach((each, i) => {
    const before = all[i]!;
    for (const key of ["colour", "dash", "shape"] as const) assert.notEqual(each[key], before[key]);
  });
});

Deno.test("every variable that a page uses has a colour in light and in dark", () => {
  const used = new Set(STYLES.match(/(?<=var\()--[\w-]+/g));
  for (const name of used) assert.equal(STYLES.split(`${name}: #`).length, 3, name);
  assert.ok(used.size > 5);
});
