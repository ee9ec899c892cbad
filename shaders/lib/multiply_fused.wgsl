// Products for adapters that would fuse `s + a * b` but round an explicit fma() once: adding a
// loaded -0.0 leaves the rounded product, and what is already an fma cannot be fused again.
fn mul(a: f32, b: f32) -> f32 {
  return fma(a, b, contract.negative_zero);
}

fn mul4(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  return fma(a, b, vec4<f32>(contract.negative_zero));
}
