// Gradient of the scaled exponential linear unit from its output: dy * scale where that is positive,
// else dy * (y + scale * alpha).
fn apply(dy: f32, y: f32) -> f32 {
  return mul(dy, select(y + 1.7580993, 1.050701, y > 0.0));
}
