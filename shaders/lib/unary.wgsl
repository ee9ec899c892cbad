// One invocation per element; the op's own text gives `apply(x)`.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i < COUNT) {
    y[i] = flush(apply(x[i]));
  }
}
