// 1 for each row whose greatest logit (the first of equals) is that of its label, else 0; a label
// that is no class is never met.
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> hits: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * ROW + id.x;
  if (row >= COUNT) {
    return;
  }
  let base = row * CLASSES;
  var best = 0u;
  for (var j = 1u; j < CLASSES; j++) {
    best = select(best, j, logits[base + j] > logits[base + best]);
  }
  hits[row] = select(0.0, 1.0, best == labels[row]);
}
