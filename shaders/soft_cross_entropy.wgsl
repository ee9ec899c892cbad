// Cross-entropy of softmax(logits) against probabilities p of all classes, which add up to 1, one
// loss per row.
//
// Order: as in softmax; then the terms p (log(sum) - (logit - greatest)), each product rounded on its
// own, in ascending order from a loaded zero: none of them is negative, so none takes another away.
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> probabilities: array<f32>;
@group(0) @binding(2) var<storage, read_write> losses: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * ROW + id.x;
  if (row >= COUNT) {
    return;
  }
  let base = row * CLASSES;
  let greatest = greatest_logit(base);
  let log_sum = barrier(contract_log(sum_of_exps(base, greatest)));
  var loss = contract.zero;
  for (var j = base; j < base + CLASSES; j++) {
    let surprise = flush(barrier(log_sum - barrier(logits[j] - greatest)));
    loss = loss + mul(probabilities[j], surprise);
  }
  losses[row] = flush(loss);
}
