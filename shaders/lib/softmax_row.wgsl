// The parts of the softmax of one row of the op's `logits`, CLASSES from `base` on; twin of
// softmaxParts in core/ops/softmax.ts. Needs exp.wgsl.

fn greatest_logit(base: u32) -> f32 {
  var greatest = logits[base];
  for (var j = 1u; j < CLASSES; j++) {
    greatest = select(greatest, logits[base + j], logits[base + j] > greatest);
  }
  return greatest;
}

// Below 2^-51 it is +0, so that no product with it is subnormal.
fn exp_of_logit(at: u32, greatest: f32) -> f32 {
  return flush(contract_exp(logits[at] - greatest));
}

// From a loaded zero, in ascending order.
fn sum_of_exps(base: u32, greatest: f32) -> f32 {
  var sum = contract.zero;
  for (var j = 0u; j < CLASSES; j++) {
    sum = sum + exp_of_logit(base + j, greatest);
  }
  return barrier(sum);
}
