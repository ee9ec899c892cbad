// Twin of core/numerics/reciprocal.ts, where domain, ends and error are stated. Tests of magnitude
// are integer tests, so that a NaN or infinity never reaches float arithmetic; the mask keeps the
// compiler from seeing an infinite constant, which WGSL forbids.
// Argument and result pass an integer step, so that a caller's arithmetic does not mix with this.
fn contract_reciprocal(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let magnitude = bits & 0x7fffffffu;
  if (magnitude < 0x00800000u) { return bitcast<f32>(0x7f800000u ^ contract.mask); }
  if (magnitude > 0x7f800000u) { return x; }
  if (magnitude > 0x7e800000u) { return 0.0; }

  let m = bitcast<f32>((bits & 0x007fffffu) | 0x3f800000u);
  var y = 2.121212 + mul(m, -1.4545455 + mul(m, 0.32323232));
  // y + y e shares the factor y.
  y = y + barrier(y * (1.0 - mul(m, y)));
  y = y + barrier(y * (1.0 - mul(m, y)));
  return bitcast<f32>(
    (bitcast<u32>(y) + 0x3f800000u - (bits & 0x7f800000u)) | (bits & 0x80000000u),
  );
}
