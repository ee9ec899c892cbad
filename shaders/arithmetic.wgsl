// Elementwise sum (KIND 0), difference (1) and product (2) with broadcasting.
fn apply(a: f32, b: f32) -> f32 {
  if (KIND == 0u) {
    return a + b;
  }
  if (KIND == 1u) {
    return a - b;
  }
  return a * b;
}
