// softmax_cross_entropy and its gradient in one: the greatest logit and the sum of the exponentials
// of a row serve both.
//
// Order: as in the two.
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read> upstream: array<f32>;
@group(0) @binding(3) var<storage, read_write> losses: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * ROW + id.x;
  if (row >= COUNT) {
    return;
  }
  let base = row * CLASSES;
  let label = labels[row];
  let greatest = greatest_logit(base);
  let sum = sum_of_exps(base, greatest);
  let own = logits[base + min(label, CLASSES - 1u)];
  losses[row] = select(0.0, flush(contract_log(sum) - (own - greatest)), label < CLASSES);
  let factor = contract_reciprocal(sum);
  for (var j = 0u; j < CLASSES; j++) {
    let p = flush(mul(exp_of_logit(base + j, greatest), factor));
    let difference = barrier(p - select(0.0, 1.0, j == label));
    dx[base + j] = select(0.0, flush(difference * upstream[row]), label < CLASSES);
  }
}
