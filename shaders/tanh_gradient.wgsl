// Gradient of the hyperbolic tangent from its output: dy * (1 - y * y), every product rounded on its
// own.
fn apply(dy: f32, y: f32) -> f32 {
  return mul(dy, 1.0 - mul(y, y));
}
