// Gradient of margin with respect to its logits: that of the row's margin at the label, its negative
// at the greatest other logit, 0 elsewhere and in a masked row.
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read> upstream: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * ROW + id.x;
  if (row >= COUNT) {
    return;
  }
  let base = row * CLASSES;
  let label = labels[row];
  let other = strongest_other(base, label);
  let dy = select(0.0, upstream[row], label < CLASSES);
  let negative = flush(-dy);
  for (var j = 0u; j < CLASSES; j++) {
    dx[base + j] = select(select(0.0, negative, j == other), dy, j == label);
  }
}
