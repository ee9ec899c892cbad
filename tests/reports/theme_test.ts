import assert from "node:assert/strict";
import {
  COLOURS,
  heat,
  HEAT_COLOURS,
  series,
  SERIES_COLOURS,
  STYLES,
} from "../../reports/theme.ts";

/** WCAG's contrast of two colours. */
function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = linear(colour);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** OKLab's lightness of a colour. */
function lightness(colour: string): number {
  const [red, green, blue] = linear(colour);
  return 0.2104542553 * Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) +
    0.7936177850 * Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) -
    0.0040720468 * Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
}

/** Its parts without the curve of sRGB. */
function linear(colour: string): [red: number, green: number, blue: number] {
  return [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
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

for (const [mode, name] of ["light", "dark"].entries()) {
  Deno.test(`tiles go in even steps away from the paper, and carry readable text, in ${name}`, () => {
    const fills = HEAT_COLOURS.map((colours) => colours[mode]!);
    const steps = fills.slice(1).map((fill, i) => lightness(fill) - lightness(fills[i]!));
    for (const step of steps) assert.ok(Math.abs(step - (mode === 0 ? -0.11 : 0.11)) < 0.005);
    fills.forEach((fill, i) => {
      const { text } = heat((i + 0.5) / fills.length);
      const role = text === "var(--ink)" ? "ink" : "paper";
      assert.ok(contrast(COLOURS[role][mode]!, fill) >= 4.5, fill);
    });
  });
}

Deno.test("heat() goes from the first colour to the last, both ends included", () => {
  const fills = [0, 0.14, 0.15, 0.99, 1].map((share) => heat(share).fill);
  assert.deepEqual(fills, [0, 0, 1, 6, 6].map((n) => `var(--heat-${n})`));
});

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
