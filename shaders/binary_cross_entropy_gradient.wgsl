// Gradient of the cross-entropy of sigmoid(x) against a target t: sigmoid(x) - t.
fn apply(x: f32, t: f32) -> f32 {
  return contract_sigmoid(x) - t;
}
