// Twin of core/numerics/sigmoid.ts, where domain, ends and error are stated. Needs exp.wgsl and
// reciprocal.wgsl.
// Argument and result pass an integer step, so that a caller's arithmetic does not mix with this.
fn contract_sigmoid(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return x; }
  let e = contract_exp(bitcast<f32>(bits | 0x80000000u));
  let y = contract_reciprocal(1.0 + e);
  return select(y, barrier(e * y), bits > 0x80000000u);
}
