// Swaps the last two axes: x [outer, ROWS, COLUMNS] to [outer, COLUMNS, ROWS].
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  let outer = i / (ROWS * COLUMNS);
  let column = i / ROWS % COLUMNS;
  y[i] = x[(outer * ROWS + i % ROWS) * COLUMNS + column];
}
