// Gradient of the logistic function from its output: dy * (y * (1 - y)).
fn apply(dy: f32, y: f32) -> f32 {
  return dy * (y * (1.0 - y));
}
