// Repeats along the middle axis of [outer, FROM, INNER]: element k of the result, one of LENGTH, is
// element k / EACH.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  let k = i / INNER % LENGTH;
  let outer = i / INNER / LENGTH;
  y[i] = x[(outer * FROM + k / EACH) * INNER + i % INNER];
}
