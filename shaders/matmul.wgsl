// Matrix product, c[m, n] = sum over k of a[m, k] * b[k, n]: where a row of a lies in product.wgsl
// and, for a stored transposed, in product_across.wgsl.
//
// Order: one chain per output from a loaded zero, k ascending, every product rounded on its own.

fn row(m: u32) -> vec4<u32> {
  return vec4<u32>(m * A_ROW, 0u, 0u, 0u);
}

fn stored(m: u32) -> u32 {
  return m;
}

fn start(row: vec4<u32>, _segment: u32) -> u32 {
  return row.x;
}

fn place(k: u32) -> vec4<u32> {
  return vec4<u32>(k * A_COLUMN, 0u, 0u, 0u);
}

fn at(row: vec4<u32>, place: vec4<u32>) -> u32 {
  return row.x + place.x;
}

fn tap(segment: u32) -> u32 {
  return segment;
}
