// Gradient of soft_cross_entropy with respect to its logits: (softmax - probabilities) times the
// gradient of the row's loss.
//
// Order: softmax as in softmax.wgsl, then the difference, then the product.
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> probabilities: array<f32>;
@group(0) @binding(2) var<storage, read> upstream: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * ROW + id.x;
  if (row >= COUNT) {
    return;
  }
  let base = row * CLASSES;
  let greatest = greatest_logit(base);
  let factor = contract_reciprocal(sum_of_exps(base, greatest));
  for (var j = base; j < base + CLASSES; j++) {
    let p = flush(mul(exp_of_logit(j, greatest), factor));
    let difference = flush(barrier(p - probabilities[j]));
    dx[j] = flush(difference * upstream[row]);
  }
}
