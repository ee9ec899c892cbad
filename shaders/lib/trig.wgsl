// Twin of core/numerics/trig.ts, where domain, ends and error are stated. Tests of magnitude are
// integer tests, so that a NaN or infinity never reaches float arithmetic; the mask keeps the
// compiler from seeing a constant that is no number, which WGSL forbids.
// Argument and result pass an integer step, so that a caller's arithmetic does not mix with this.
fn shifted_sin(x: f32, quarters: u32) -> f32 {
  let v = barrier(x);
  let n = floor(mul(v, 0.63661975) + 0.5);
  // The four parts of n pi/2 share the factor n.
  var r = barrier(v - mul(n, 1.5703125));
  r = barrier(r - mul(n, 0.0004837513));
  r = barrier(r - mul(n, 7.5495336e-8));
  r = barrier(r - mul(n, 2.563344e-12));
  let z = mul(r, r);
  var c = -0.0013887316 + mul(z, 0.000024433157);
  c = 0.041666646 + mul(z, c);
  c = -0.5 + mul(z, c);
  c = 1.0 + mul(z, c);
  var s = 0.008332161 + mul(z, -0.00019515296);
  s = -0.16666655 + mul(z, s);
  // r + r z s shares the factor r.
  s = r + barrier(r * mul(z, s));
  let quadrant = bitcast<u32>(i32(n)) + quarters;
  let y = select(s, c, (quadrant & 1u) == 1u);
  return bitcast<f32>(bitcast<u32>(y) ^ ((quadrant & 2u) << 30u));
}

fn contract_sin(x: f32) -> f32 {
  let magnitude = bitcast<u32>(x) & 0x7fffffffu;
  if (magnitude > 0x46000000u) { return bitcast<f32>(0x7fc00000u ^ contract.mask); }
  if (magnitude < 0x00800000u) { return 0.0; }
  if (magnitude < 0x39800000u) { return x; }
  return shifted_sin(x, 0u);
}

fn contract_cos(x: f32) -> f32 {
  let magnitude = bitcast<u32>(x) & 0x7fffffffu;
  if (magnitude > 0x46000000u) { return bitcast<f32>(0x7fc00000u ^ contract.mask); }
  if (magnitude < 0x39800000u) { return 1.0; }
  return shifted_sin(x, 1u);
}
