// One invocation per output element; the op's own text gives `apply(a, b)`, and the shapes give
// `a_index(i)` and `b_index(i)`, where each operand's element for output i lies.
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i < COUNT) {
    y[i] = flush(apply(a[a_index(i)], b[b_index(i)]));
  }
}
