// Twin of core/numerics/log.ts, where domain, ends and error are stated. Tests of magnitude are
// integer tests, so that a NaN or infinity never reaches float arithmetic; the mask keeps the
// compiler from seeing infinite constants, which WGSL forbids.
// Argument and result pass an integer step, so that a caller's arithmetic does not mix with this.
fn contract_log(x: f32) -> f32 {
  const SQRT_HALF = 0x3f3504f3u;
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) < 0x00800000u) { return bitcast<f32>(0xff800000u ^ contract.mask); }
  if (bits > 0x7f800000u) { return bitcast<f32>(0x7fc00000u ^ contract.mask); }
  if (bits == 0x7f800000u) { return x; }

  let exponent = bitcast<i32>(bits - SQRT_HALF) >> 23u;
  let t = bitcast<f32>(bits - (bitcast<u32>(exponent) << 23u)) - 1.0;
  return logarithm(f32(exponent), t);
}

fn contract_log1p(x: f32) -> f32 {
  const SQRT_2_LESS_1 = 0x3ed413cdu;
  let v = barrier(x);
  let bits = bitcast<u32>(v);
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return v; }
  if ((bits & 0x7fffffffu) < 0x00800000u) { return 0.0; }

  let small = bits < SQRT_2_LESS_1;
  let t = barrier(select(0.5 * (v - 1.0), v, small));
  return logarithm(select(1.0, 0.0, small), t);
}

// ln(2^n (1 + t)) for 1 + t from sqrt(1/2) to sqrt(2).
fn logarithm(n: f32, t: f32) -> f32 {
  var p = -0.1151461 + mul(0.070376836, t);
  p = 0.116769984 + mul(p, t);
  p = -0.12420141 + mul(p, t);
  p = 0.14249323 + mul(p, t);
  p = -0.16668057 + mul(p, t);
  p = 0.20000714 + mul(p, t);
  p = -0.24999994 + mul(p, t);
  p = 0.3333333 + mul(p, t);
  p = -0.5 + mul(p, t);
  // t and p t^2 share the factor t, the two parts of n ln 2 the factor n.
  let y = barrier(mul(p, mul(t, t)) + mul(n, -0.00021219444));
  return barrier((t + y) + mul(n, 0.6933594));
}
