// One invocation per output element: hands the element of x that output i is computed from to the
// stages (`finish`); `x_index(i)` says where it lies when x is broadcast.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i < COUNT) {
    y[i] = finish(i, x[x_index(i)]);
  }
}
