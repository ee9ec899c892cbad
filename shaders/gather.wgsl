// Rows of a table by index, both by their bits: y[i] = table[indices[i]] for rows of WIDTH
// elements. An index beyond the last row (a masked one) gives MASKED: 0, or as a label what is no class.
@group(0) @binding(0) var<storage, read> indices: array<u32>;
@group(0) @binding(1) var<storage, read> table: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  let row = indices[i / WIDTH];
  y[i] = select(MASKED, table[min(row, ROWS - 1u) * WIDTH + i % WIDTH], row < ROWS);
}
