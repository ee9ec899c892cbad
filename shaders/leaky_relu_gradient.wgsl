// Gradient of the leaky rectified linear unit from its output, which has its input's sign: dy where
// that is positive, else SLOPE * dy.
fn apply(dy: f32, y: f32) -> f32 {
  return select(mul(SLOPE, dy), dy, y > 0.0);
}
