// Rounded on its own, since a sum may follow in the same kernel.
fn apply(a: f32, b: f32) -> f32 {
  return mul(a, b);
}
