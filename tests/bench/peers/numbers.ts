/** The reference net's weights for a peer: uniform, in Glorot's range. */
export function glorot(length: number, fanIn: number, fanOut: number): Float32Array {
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return Float32Array.from({ length }, () => (2 * Math.random() - 1) * limit);
}

/** Uniform numbers in 0 to 1, for pixels. */
export function pixels(length: number): Float32Array {
  return Float32Array.from({ length }, Math.random);
}
