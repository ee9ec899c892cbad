// Gradient of the rectified linear unit from its output: passes where that is positive.
fn apply(dy: f32, y: f32) -> f32 {
  return select(0.0, dy, y > 0.0);
}
