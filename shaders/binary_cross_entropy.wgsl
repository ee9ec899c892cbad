// Cross-entropy of sigmoid(x) against a target t from 0 to 1.
//
// Order: (max(x, 0) - x * t) + log1p(exp(-|x|)), so that nothing overflows.
fn apply(x: f32, t: f32) -> f32 {
  let e = contract_exp(bitcast<f32>(bitcast<u32>(x) | 0x80000000u));
  return barrier(select(0.0, x, x > 0.0) - barrier(x * t)) + contract_log1p(e);
}
