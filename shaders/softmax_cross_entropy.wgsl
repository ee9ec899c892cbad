// Cross-entropy of softmax(logits) against class labels, one loss per row; a label that is no class
// (a masked row) has loss 0.
//
// Order: as in softmax; loss = log(sum) - (logit of the label - greatest).
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> losses: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * ROW + id.x;
  if (row >= COUNT) {
    return;
  }
  let base = row * CLASSES;
  let label = labels[row];
  let greatest = greatest_logit(base);
  let own = logits[base + min(label, CLASSES - 1u)];
  let loss = contract_log(sum_of_exps(base, greatest)) - (own - greatest);
  losses[row] = select(0.0, flush(loss), label < CLASSES);
}
