// Products for adapters on which neither other spelling holds: the driver cannot see through the
// integer operation, so it has no product to fuse.
fn mul(a: f32, b: f32) -> f32 {
  return barrier(a * b);
}

fn mul4(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  return barrier4(a * b);
}
