// Twin of core/numerics/exp.ts, where domain, ends and error are stated. Tests of magnitude are
// integer tests, so that a NaN or infinity never reaches float arithmetic; the mask keeps the
// compiler from seeing an infinite constant, which WGSL forbids.
// Argument and result pass an integer step, so that a caller's arithmetic does not mix with this.

// n of x = n ln 2 + r.
fn exp_exponent(x: f32) -> f32 {
  return floor(mul(x, 1.442695) + 0.5);
}

// e^r - 1 of x = n ln 2 + r.
fn exp_fraction(x: f32, n: f32) -> f32 {
  // The two parts of n ln 2 share the factor n.
  let r = barrier(x - mul(n, 0.6933594)) - mul(n, -0.00021219444);
  var p = 0.0013981999 + mul(0.00019875691, r);
  p = 0.008333452 + mul(p, r);
  p = 0.041665796 + mul(p, r);
  p = 0.16666666 + mul(p, r);
  p = 0.5 + mul(p, r);
  // r + p r^2 shares the factor r; drivers turn 1 + (a + b) into (1 + a) + b.
  return barrier(r + barrier(p * mul(r, r)));
}

fn contract_exp(x: f32) -> f32 {
  const LARGEST = 0x42b17217u;
  const SMALLEST = 0xc2aeac4fu;
  let v = barrier(x);
  let bits = bitcast<u32>(v);
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return v; }
  if (bits > SMALLEST) { return 0.0; }
  if (bits > LARGEST && bits < 0x80000000u) { return bitcast<f32>(0x7f800000u ^ contract.mask); }

  let n = exp_exponent(v);
  let y = 1.0 + exp_fraction(v, n);
  return bitcast<f32>(bitcast<u32>(y) + (bitcast<u32>(i32(n)) << 23u));
}

fn contract_expm1(x: f32) -> f32 {
  const SATURATED = 0xc1900000u;
  let v = barrier(x);
  let bits = bitcast<u32>(v);
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return v; }
  if ((bits & 0x7fffffffu) < 0x00800000u) { return 0.0; }
  if (bits > SATURATED) { return -1.0; }

  let n = exp_exponent(v);
  let power = bitcast<f32>((bitcast<u32>(i32(n)) << 23u) + 0x3f800000u);
  // Both terms have the factor 2^n.
  return barrier(barrier(power - 1.0) + mul(power, exp_fraction(v, n)));
}
