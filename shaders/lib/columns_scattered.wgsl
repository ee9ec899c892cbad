// Operand b element by element: any count of columns, any distance between them.
@group(0) @binding(1) var<storage, read> b: array<f32>;

// Columns n .. n + 3 of row k; beyond the last column the last one again, since those results are
// not stored.
fn columns(k: u32, n: u32) -> vec4<f32> {
  let base = k * B_ROW;
  return vec4<f32>(
    b[base + min(n, N - 1u) * B_COLUMN],
    b[base + min(n + 1u, N - 1u) * B_COLUMN],
    b[base + min(n + 2u, N - 1u) * B_COLUMN],
    b[base + min(n + 3u, N - 1u) * B_COLUMN],
  );
}
