// Leaky rectified linear unit: x where x > 0, else SLOPE * x.
fn apply(x: f32) -> f32 {
  return select(mul(SLOPE, x), x, x > 0.0);
}
