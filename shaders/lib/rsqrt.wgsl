// Twin of core/numerics/rsqrt.ts, where domain, ends and error are stated. Tests of magnitude are
// integer tests, so that a NaN or infinity never reaches float arithmetic; the mask keeps the
// compiler from seeing infinite constants, which WGSL forbids.
// Argument and result pass an integer step, so that a caller's arithmetic does not mix with this.
fn half_exponent(bits: u32) -> u32 {
  return (((bits >> 23u) + 1u) >> 1u) - 64u;
}

fn rsqrt_of_significand(m: f32) -> f32 {
  let half = 0.5 * m;
  var y = bitcast<f32>(0x5f3759dfu - (bitcast<u32>(m) >> 1u));
  // y + y e shares the factor y.
  y = y + barrier(y * (0.5 - mul(y, mul(y, half))));
  y = y + barrier(y * (0.5 - mul(y, mul(y, half))));
  y = y + barrier(y * (0.5 - mul(y, mul(y, half))));
  return y;
}

fn contract_rsqrt(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) < 0x00800000u) { return bitcast<f32>(0x7f800000u ^ contract.mask); }
  if (bits > 0x7f800000u) { return bitcast<f32>(0x7fc00000u ^ contract.mask); }
  if (bits == 0x7f800000u) { return 0.0; }

  let k = half_exponent(bits);
  let y = rsqrt_of_significand(bitcast<f32>(bits - (k << 24u)));
  return bitcast<f32>(bitcast<u32>(y) - (k << 23u));
}

fn contract_sqrt(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) < 0x00800000u) { return 0.0; }
  if (bits > 0x7f800000u) { return bitcast<f32>(0x7fc00000u ^ contract.mask); }
  if (bits == 0x7f800000u) { return x; }

  let k = half_exponent(bits);
  let m = bitcast<f32>(bits - (k << 24u));
  let y = rsqrt_of_significand(m);
  // s and its upper half stay hidden: a driver that knows s = m y can simplify m - s^2.
  let s = barrier(m * y);
  let high = bitcast<f32>(bitcast<u32>(s) & 0xfffff000u);
  let low = barrier(s - high);
  var residual = barrier(m - mul(high, high));
  residual = barrier(residual - mul(2.0 * high, low));
  residual = barrier(residual - mul(low, low));
  let root = s + mul(0.5 * y, residual);
  return bitcast<f32>(bitcast<u32>(root) + (k << 23u));
}
