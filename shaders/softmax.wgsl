// Softmax over the last axis of [COUNT, CLASSES], one invocation per row.
//
// Order: the greatest logit by comparison; exp(logit - greatest), flushed below 2^-51, added in
// ascending order from a loaded zero; each times the sum's reciprocal.
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * ROW + id.x;
  if (row >= COUNT) {
    return;
  }
  let base = row * CLASSES;
  let greatest = greatest_logit(base);
  let factor = contract_reciprocal(sum_of_exps(base, greatest));
  for (var j = 0u; j < CLASSES; j++) {
    y[base + j] = flush(exp_of_logit(base + j, greatest) * factor);
  }
}
