// Hyperbolic tangent.
fn apply(x: f32) -> f32 {
  return contract_tanh(x);
}
