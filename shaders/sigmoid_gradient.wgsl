// Gradient of the logistic function from its output: dy * (y * (1 - y)); rounded on its own,
// since a sum may follow in the same kernel.
fn apply(dy: f32, y: f32) -> f32 {
  return mul(dy, y * (1.0 - y));
}
