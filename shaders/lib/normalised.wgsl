// x less the mean, then times 1 / sqrt(variance + epsilon); each below 2^-51 is +0, so that no
// product with it is subnormal. Twin of normalised() in core/ops/normalised.ts.
fn normalised(x: f32, mean: f32, inverse: f32) -> f32 {
  return flush(barrier(flush(barrier(x - mean)) * inverse));
}
