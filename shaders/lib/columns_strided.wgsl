// Operand b and the output c element by element: any count of columns, any distance between them.
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;

// Columns n .. n + 3 of the row of b that starts at element `base`; beyond the last column the
// last one again, since those results are not stored.
fn columns(base: u32, n: u32) -> vec4<f32> {
  return vec4<f32>(
    b[base + min(n, N - 1u) * COLUMN_STRIDE],
    b[base + min(n + 1u, N - 1u) * COLUMN_STRIDE],
    b[base + min(n + 2u, N - 1u) * COLUMN_STRIDE],
    b[base + min(n + 3u, N - 1u) * COLUMN_STRIDE],
  );
}

fn store(m: u32, n: u32, value: vec4<f32>) {
  if (m < STORED_ROWS) {
    let flushed = flush4(value);
    let at = m * N + n;
    if (n < N) {
      c[at] = flushed.x;
    }
    if (n + 1u < N) {
      c[at + 1u] = flushed.y;
    }
    if (n + 2u < N) {
      c[at + 2u] = flushed.z;
    }
    if (n + 3u < N) {
      c[at + 3u] = flushed.w;
    }
  }
}
