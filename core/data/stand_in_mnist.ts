/** The stand-in for MNIST: digits drawn with a round pen along curves whose points are jittered. */
import type { Dataset } from "./dataset.ts";
import type { Draws } from "./draws.ts";
import { drawStandIn } from "./stand_in.ts";

const SIDE = 28;
/** Straight pieces that a curve is drawn as, from one of its points to the next. */
const PIECES = 4;

type Point = readonly [x: number, y: number];

/** Per digit its strokes, per stroke the points of a smooth curve; x to the right, y down, 0 to 1. */
const DIGITS: readonly (readonly (readonly Point[])[])[] = [
  [[[.5, 0], [.18, .18], [.1, .55], [.25, .92], [.5, 1], [.8, .85], [.9, .45], [.8, .12], [.5, 0]]],
  [[[.28, .22], [.45, .1], [.55, 0]], [[.55, 0], [.52, .5], [.5, 1]]],
  [
    [[.12, .25], [.3, .03], [.65, .02], [.85, .25], [.7, .55], [.4, .8], [.1, 1]],
    [[.1, 1], [.5, .97], [.92, 1]],
  ],
  [
    [[.15, .1], [.5, 0], [.82, .2], [.7, .42], [.4, .48]],
    [[.4, .48], [.75, .55], [.88, .78], [.6, 1], [.3, .98], [.1, .85]],
  ],
  [
    [[.55, 0], [.35, .32], [.08, .65]],
    [[.08, .65], [.5, .66], [.95, .62]],
    [[.7, .3], [.68, .6], [.66, 1]],
  ],
  [
    [[.85, .02], [.5, .02], [.22, .04]],
    [[.22, .04], [.2, .25], [.16, .45]],
    [[.16, .45], [.5, .38], [.85, .55], [.82, .85], [.5, 1], [.12, .92]],
  ],
  [[[.75, .02], [.4, .2], [.15, .55], [.2, .88], [.5, 1], [.82, .85], [.8, .6], [.5, .5], [
    .2,
    .65,
  ]]],
  [[[.08, .05], [.5, .04], [.92, .02]], [[.92, .02], [.65, .45], [.4, 1]]],
  [[
    [.5, .48],
    [.2, .3],
    [.3, .05],
    [.55, 0],
    [.8, .12],
    [.75, .32],
    [.5, .48],
    [.2, .68],
    [.18, .9],
    [.5, 1],
    [.82, .9],
    [.8, .68],
    [.5, .48],
  ]],
  [
    [[.82, .25], [.6, .02], [.25, .08], [.15, .32], [.35, .5], [.65, .45], [.82, .25]],
    [[.82, .25], [.8, .6], [.6, 1]],
  ],
];

/**
 * 6,000 training and 1,000 test digits, [28, 28, 1], the same bytes on every machine.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { mnistStandIn } from "./stand_in_mnist.ts";
 *
 * const { source, train } = await mnistStandIn();
 * assert.equal(source, "stand-in");
 * assert.equal(train.count, 6_000);
 * ```
 */
export function mnistStandIn(): Promise<Dataset> {
  return drawStandIn({
    name: "mnist",
    title: "MNIST",
    shape: [SIDE, SIDE, 1],
    classes: DIGITS.map((_, digit) => String(digit)),
    paint,
  });
}

function paint(digit: number, draws: Draws, pixels: Uint8Array): void {
  const height = draws.between(15, 21);
  const width = height * draws.between(0.5, 0.85);
  const slant = draws.between(-0.15, 0.4) * height;
  const turn = draws.between(-0.15, 0.15) * width;
  const left = SIDE / 2 + draws.between(-2.5, 2.5) - width / 2;
  const top = SIDE / 2 + draws.between(-2.5, 2.5) - height / 2;
  const radius = draws.between(0.7, 1.5);
  const ink = draws.between(190, 255);
  const jitter = (): number => draws.between(-0.06, 0.06);
  for (const stroke of DIGITS[digit]!) {
    const points = stroke.map(([x, y]): Point => {
      const u = x + jitter();
      const v = y + jitter();
      return [left + u * width + (0.5 - v) * slant, top + v * height + (0.5 - u) * turn];
    });
    drawCurve(points, radius, ink, pixels);
  }
  draws.addNoise(pixels, 1, 12);
}

/** A Catmull-Rom curve through the points, as straight pieces. */
function drawCurve(points: readonly Point[], radius: number, ink: number, pixels: Uint8Array) {
  for (let i = 0; i + 1 < points.length; i++) {
    const p1 = points[i]!;
    const p2 = points[i + 1]!;
    const p0 = points[i - 1] ?? p1;
    const p3 = points[i + 2] ?? p2;
    let from = p1;
    for (let piece = 1; piece <= PIECES; piece++) {
      const t = piece / PIECES;
      const to: Point = [
        catmullRom(p0[0], p1[0], p2[0], p3[0], t),
        catmullRom(p0[1], p1[1], p2[1], p3[1], t),
      ];
      drawLine(from, to, radius, ink, pixels);
      from = to;
    }
  }
}

function catmullRom(a: number, b: number, c: number, d: number, t: number): number {
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

/** A line with round ends and an edge one pixel soft; where it crosses another, the darker counts. */
function drawLine(a: Point, b: Point, radius: number, ink: number, pixels: Uint8Array): void {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const reach = radius + 1;
  const x1 = Math.min(SIDE - 1, Math.ceil(Math.max(a[0], b[0]) + reach));
  const y1 = Math.min(SIDE - 1, Math.ceil(Math.max(a[1], b[1]) + reach));
  const x0 = Math.max(0, Math.floor(Math.min(a[0], b[0]) - reach));
  const y0 = Math.max(0, Math.floor(Math.min(a[1], b[1]) - reach));
  const lengthSquared = Math.max(1e-9, dx * dx + dy * dy);
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      const along = clamp01(((x - a[0]) * dx + (y - a[1]) * dy) / lengthSquared);
      const ex = x - a[0] - along * dx;
      const ey = y - a[1] - along * dy;
      const covered = clamp01(radius + 0.5 - Math.sqrt(ex * ex + ey * ey));
      const at = y * SIDE + x;
      pixels[at] = Math.max(pixels[at]!, Math.floor(covered * ink));
    }
  }
}

function clamp01(x: number): number {
  return Math.min(1, Math.max(0, x));
}
