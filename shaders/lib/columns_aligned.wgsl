// Operand b by whole vectors: columns are neighbours and a row begins at a multiple of four.
@group(0) @binding(1) var<storage, read> b: array<vec4<f32>>;

// Columns n .. n + 3 of row k; beyond the last column the last ones again, since those results are
// not stored.
fn columns(k: u32, n: u32) -> vec4<f32> {
  return b[(k * B_ROW + min(n, N - 4u)) >> 2u];
}
