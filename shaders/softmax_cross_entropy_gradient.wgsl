// Gradient of softmax_cross_entropy with respect to its logits: (softmax - one-hot) times the
// gradient of the row's loss; a masked row has gradient 0.
//
// Order: softmax as in softmax.wgsl, then the difference, then the product.
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
  let greatest = greatest_logit(base);
  let factor = contract_reciprocal(sum_of_exps(base, greatest));
  for (var j = 0u; j < CLASSES; j++) {
    let p = flush(mul(exp_of_logit(base + j, greatest), factor));
    let difference = barrier(p - select(0.0, 1.0, j == label));
    dx[base + j] = select(0.0, flush(difference * upstream[row]), label < CLASSES);
  }
}
