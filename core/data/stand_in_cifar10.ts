/**
 * The stand-in for CIFAR-10: five shapes and five textures in colour, on a background that changes
 * from corner to corner, with clutter and noise. Each class leans towards a colour but is not
 * decided by it, as ships lean towards blue.
 */
import type { Dataset } from "./dataset.ts";
import type { Draws } from "./draws.ts";
import { drawStandIn } from "./stand_in.ts";

const SIDE = 32;

type Colour = readonly [red: number, green: number, blue: number];

/** How far (u, v) lies outside the figure, negative inside; the figure reaches about 1 from (0, 0). */
type Figure = (u: number, v: number) => number;

interface Class {
  readonly name: string;
  readonly colour: Colour;
  readonly figure: Figure;
  /** Largest turn: the tangent of the angle. Stripes must not turn into those of another class. */
  readonly turn: number;
  /** Smallest and largest radius in pixels. */
  readonly radius: readonly [number, number];
}

const SHAPE = { turn: 1, radius: [7, 13] } as const;
const TEXTURE = { turn: 0.2, radius: [11, 16] } as const;

const CLASSES: readonly Class[] = [
  { ...SHAPE, name: "disc", colour: [210, 60, 60], figure: disc },
  { ...SHAPE, name: "square", colour: [60, 90, 210], figure: square, turn: 0.3 },
  { ...SHAPE, name: "triangle", colour: [70, 180, 70], figure: triangle, turn: 0.4 },
  { ...SHAPE, name: "ring", colour: [220, 190, 60], figure: ring },
  { ...SHAPE, name: "cross", colour: [170, 70, 190], figure: cross, turn: 0.3 },
  { ...TEXTURE, name: "rows", colour: [60, 190, 200], figure: (u, v) => within(u, v, wave(v)) },
  { ...TEXTURE, name: "columns", colour: [230, 130, 50], figure: (u, v) => within(u, v, wave(u)) },
  {
    ...TEXTURE,
    name: "diagonals",
    colour: [230, 230, 220],
    figure: (u, v) => within(u, v, wave((u + v) * Math.SQRT1_2)),
  },
  { ...TEXTURE, name: "checks", colour: [40, 40, 50], figure: checks },
  { ...TEXTURE, name: "dots", colour: [230, 130, 170], figure: dots },
];

/**
 * 6,000 training and 1,000 test pictures, [32, 32, 3], the same bytes on every machine.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { cifar10StandIn } from "./stand_in_cifar10.ts";
 *
 * const { source, shape } = await cifar10StandIn();
 * assert.equal(source, "stand-in");
 * assert.deepEqual(shape, [32, 32, 3]);
 * ```
 */
export function cifar10StandIn(): Promise<Dataset> {
  return drawStandIn({
    name: "cifar10",
    title: "CIFAR-10",
    shape: [SIDE, SIDE, 3],
    classes: CLASSES.map(({ name }) => name),
    paint,
  });
}

function paint(label: number, draws: Draws, pixels: Uint8Array): void {
  const { colour, figure, turn, radius: [smallest, largest] } = CLASSES[label]!;
  paintBackground(draws, pixels);
  paintFigure(anyColour(draws), disc, 1, draws.between(2, 5), draws, pixels);
  const lean = draws.between(0, 1) < 0.7 ? colour : anyColour(draws);
  const own = lean.map((level) => level + draws.between(-35, 35));
  const radius = draws.between(smallest, largest);
  paintFigure([own[0]!, own[1]!, own[2]!], figure, turn, radius, draws, pixels);
  draws.addNoise(pixels, 3, 16);
}

function anyColour(draws: Draws): Colour {
  return [draws.between(20, 235), draws.between(20, 235), draws.between(20, 235)];
}

/** Four corner colours around a common one, mixed in between. */
function paintBackground(draws: Draws, pixels: Uint8Array): void {
  const common = anyColour(draws);
  const corners = Array.from({ length: 4 }, () => common.map((c) => c + draws.between(-60, 60)));
  for (let y = 0, at = 0; y < SIDE; y++) {
    const down = y / (SIDE - 1);
    for (let x = 0; x < SIDE; x++) {
      const right = x / (SIDE - 1);
      for (let c = 0; c < 3; c++, at++) {
        const top = mix(corners[0]![c]!, corners[1]![c]!, right);
        const bottom = mix(corners[2]![c]!, corners[3]![c]!, right);
        pixels[at] = level(mix(top, bottom, down));
      }
    }
  }
}

/** Lays a figure of that radius over the picture, somewhere, turned somehow, its edge soft. */
function paintFigure(
  colour: Colour,
  figure: Figure,
  turn: number,
  radius: number,
  draws: Draws,
  pixels: Uint8Array,
): void {
  const room = SIDE / 2 - 0.6 * radius;
  const centreX = SIDE / 2 + draws.between(-room, room);
  const centreY = SIDE / 2 + draws.between(-room, room);
  const tangent = draws.between(-turn, turn);
  const scale = 1 / (radius * Math.sqrt(1 + tangent * tangent));
  for (let y = 0, at = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++, at += 3) {
      const dx = (x + 0.5 - centreX) * scale;
      const dy = (y + 0.5 - centreY) * scale;
      const covered = clamp01(0.5 - figure(dx - dy * tangent, dy + dx * tangent) * radius);
      for (let c = 0; c < 3; c++) pixels[at + c] = level(mix(pixels[at + c]!, colour[c]!, covered));
    }
  }
}

function disc(u: number, v: number): number {
  return Math.sqrt(u * u + v * v) - 0.9;
}

function square(u: number, v: number): number {
  return Math.max(Math.abs(u), Math.abs(v)) - 0.8;
}

function triangle(u: number, v: number): number {
  return Math.max(v - 0.7, 0.87 * Math.abs(u) - 0.5 * v - 0.45);
}

function ring(u: number, v: number): number {
  return Math.abs(Math.sqrt(u * u + v * v) - 0.75) - 0.22;
}

function cross(u: number, v: number): number {
  const a = Math.abs(u);
  const b = Math.abs(v);
  return Math.min(Math.max(a - 0.25, b - 1), Math.max(a - 1, b - 0.25));
}

function checks(u: number, v: number): number {
  return within(u, v, Math.max(Math.min(wave(u), wave(v)), -Math.max(wave(u), wave(v))));
}

function dots(u: number, v: number): number {
  const x = u / 0.5 - Math.floor(u / 0.5) - 0.5;
  const y = v / 0.5 - Math.floor(v / 0.5) - 0.5;
  return within(u, v, 0.5 * Math.sqrt(x * x + y * y) - 0.17);
}

/** A texture fills a square. */
function within(u: number, v: number, texture: number): number {
  return Math.max(texture, Math.max(Math.abs(u), Math.abs(v)) - 1);
}

/** Stripes: a distance that goes up and down, with a period of 0.6. */
function wave(u: number): number {
  const turns = u / 0.6;
  return 0.6 * (Math.abs(turns - Math.floor(turns) - 0.5) - 0.25);
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

function clamp01(x: number): number {
  return Math.min(1, Math.max(0, x));
}

function level(x: number): number {
  return Math.floor(Math.min(255, Math.max(0, x)));
}
