// Logistic function.
fn apply(x: f32) -> f32 {
  return contract_sigmoid(x);
}
