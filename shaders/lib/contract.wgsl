// The arithmetic contract's own values and helpers; the device puts this before every kernel,
// followed by the spelling of multiplication that holds on the adapter (multiply_*.wgsl).
//
// Values loaded from memory cannot be folded by a driver, so accumulators start from
// `contract.zero`, and `barrier` hides a number from the driver's algebra.
struct Contract {
  zero: f32,
  negative_zero: f32,
  mask: u32,
}
@group(1) @binding(0) var<uniform> contract: Contract;

// x, as a number the driver knows nothing about: no fusing, factoring or reordering across it.
fn barrier(x: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) ^ contract.mask);
}

fn barrier4(x: vec4<f32>) -> vec4<f32> {
  return bitcast<vec4<f32>>(bitcast<vec4<u32>>(x) ^ vec4<u32>(contract.mask));
}

// What a stored value becomes: +0 where |x| < 2^-51, x elsewhere. An integer test, since drivers
// differ on subnormals in comparisons.
fn flush(x: f32) -> f32 {
  return select(x, 0.0, (bitcast<u32>(x) & 0x7fffffffu) < 0x26000000u);
}

fn flush4(x: vec4<f32>) -> vec4<f32> {
  let small = (bitcast<vec4<u32>>(x) & vec4<u32>(0x7fffffffu)) < vec4<u32>(0x26000000u);
  return select(x, vec4<f32>(0.0), small);
}
