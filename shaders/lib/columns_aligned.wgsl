// Operand b and the output c by whole vectors: columns are neighbours and their count is a
// multiple of four.
@group(0) @binding(1) var<storage, read> b: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4<f32>>;

// Columns n .. n + 3 of the row of b that starts at element `base`; beyond the last column the
// last ones again, since those results are not stored.
fn columns(base: u32, n: u32) -> vec4<f32> {
  return b[(base + min(n, N - 4u)) >> 2u];
}

fn store(m: u32, n: u32, value: vec4<f32>) {
  if (m < STORED_ROWS && n < N) {
    c[(m * N + n) >> 2u] = flush4(value);
  }
}
