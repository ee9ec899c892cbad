// Rectified linear unit; a NaN becomes 0, so finiteness is checked on losses and gradients.
fn apply(x: f32) -> f32 {
  return select(0.0, x, x > 0.0);
}
