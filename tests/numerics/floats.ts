/** Inputs for whole-range tests, and the measure of error. */

/** Every sign and exponent with 256 significands each: zeros, subnormals, infinities, NaNs too. */
export function wholeRange(): Float32Array<ArrayBuffer> {
  const words = Uint32Array.from({ length: 2 ** 17 }, (_, i) => {
    const low = i & 255 ? Math.imul(i, 0x9e3779b1) >>> 17 : 0;
    return (i << 15) | low;
  });
  return new Float32Array(words.buffer);
}

/** `count` f32 values spread evenly over [from, to]. */
export function spread(from: number, to: number, count = 2 ** 17): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, (_, i) => from + (to - from) * (i / (count - 1)));
}

/** The f32 values next to each of `values`, with the values themselves. */
export function around(...values: number[]): Float32Array<ArrayBuffer> {
  const centres = new Uint32Array(new Float32Array(values).buffer);
  const words = new Uint32Array([...centres].flatMap((bits) => [bits - 1, bits, bits + 1]));
  return new Float32Array(words.buffer);
}

/** Distance of `actual` from `exact` in units of the last place of an f32 of that size. */
export function ulps(actual: number, exact: number): number {
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(exact))));
  return Math.abs(actual - exact) / 2 ** (exponent - 23);
}

/** The largest error of `f` in ULP over the inputs for which `exact` is a normal f32. */
export function worstUlps(
  f: (x: number) => number,
  exact: (x: number) => number,
  inputs: Iterable<number>,
): number {
  let worst = 0;
  for (const x of inputs) {
    const expected = exact(x);
    const size = Math.abs(Math.fround(expected));
    if (size < 2 ** -126 || !Number.isFinite(size)) continue;
    const error = ulps(f(x), expected);
    if (!(error <= worst)) worst = error;
  }
  return worst;
}
