// Twin of core/numerics/tanh.ts, where domain, ends and error are stated. Needs exp.wgsl and
// reciprocal.wgsl.
// Argument and result pass an integer step, so that a caller's arithmetic does not mix with this.
fn contract_tanh(x: f32) -> f32 {
  const SATURATED = 0x41110000u;
  let bits = bitcast<u32>(x);
  let magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) { return x; }
  if (magnitude < 0x00800000u) { return 0.0; }
  if (magnitude < 0x39800000u) { return x; }
  if (magnitude < 0x3f200000u) {
    let v = barrier(x);
    let z = mul(v, v);
    var p = 0.020639088 + mul(-0.0057049887, z);
    p = -0.053739715 + mul(p, z);
    p = 0.13331442 + mul(p, z);
    p = -0.3333328 + mul(p, z);
    // v + v p z shares the factor v.
    return barrier(v + barrier(v * mul(p, z)));
  }
  var y = 1.0;
  if (magnitude < SATURATED) {
    let e = contract_exp(2.0 * bitcast<f32>(magnitude));
    y = 1.0 - mul(2.0, contract_reciprocal(e + 1.0));
  }
  return bitcast<f32>(bitcast<u32>(y) | (bits & 0x80000000u));
}
