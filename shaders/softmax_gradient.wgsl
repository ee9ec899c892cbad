// Gradient of softmax from its output: y * (dy - sum of dy * y), one invocation per row.
//
// Order: the sum from a loaded zero in ascending order, every product rounded on its own.
@group(0) @binding(0) var<storage, read> y: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * ROW + id.x;
  if (row >= COUNT) {
    return;
  }
  let base = row * CLASSES;
  var sum = contract.zero;
  for (var j = 0u; j < CLASSES; j++) {
    sum = sum + mul(dy[base + j], y[base + j]);
  }
  for (var j = 0u; j < CLASSES; j++) {
    dx[base + j] = flush(y[base + j] * barrier(dy[base + j] - sum));
  }
}
