// Writes a scalar into a ring of rows: ring[cursor, COLUMN] = x.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> cursor: array<u32>;
@group(0) @binding(2) var<storage, read_write> ring: array<f32>;

@compute @workgroup_size(1)
fn main() {
  ring[cursor[0] % ROWS * COLUMNS + COLUMN] = x[0];
}
