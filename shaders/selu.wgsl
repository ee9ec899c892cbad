// Scaled exponential linear unit: scale * x where x > 0, else (scale * alpha) * expm1(x); the product
// of the two constants is rounded once, on the host.
fn apply(x: f32) -> f32 {
  if (x > 0.0) {
    return mul(1.050701, x);
  }
  return mul(1.7580993, contract_expm1(x));
}
