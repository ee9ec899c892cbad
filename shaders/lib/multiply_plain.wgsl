// Products for adapters that neither fuse a product with the sum it goes into nor reassociate.
fn mul(a: f32, b: f32) -> f32 {
  return a * b;
}

fn mul4(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  return a * b;
}
