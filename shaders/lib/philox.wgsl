// Twin of core/random/philox.ts and of word, uniform and normal in core/random/streams.ts.
// random_normal needs log.wgsl, rsqrt.wgsl and trig.wgsl, so they come with this file.

// The high 32 bits of a 32x32-bit product, by 16-bit halves, whose products fit.
fn high_product(a: u32, b: u32) -> u32 {
  let a_low = a & 0xffffu;
  let a_high = a >> 16u;
  let b_low = b & 0xffffu;
  let b_high = b >> 16u;
  let cross = a_high * b_low + ((a_low * b_low) >> 16u);
  let middle = a_low * b_high + (cross & 0xffffu);
  return a_high * b_high + (cross >> 16u) + (middle >> 16u);
}

// The Philox4x32-10 block for a counter and a key.
fn philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
  const MULTIPLIER_0 = 0xd2511f53u;
  const MULTIPLIER_1 = 0xcd9e8d57u;
  const WEYL = vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  var c = counter;
  var k = key;
  for (var round = 0u; round < 10u; round++) {
    c = vec4<u32>(
      high_product(MULTIPLIER_1, c.z) ^ c.y ^ k.x,
      MULTIPLIER_1 * c.z,
      high_product(MULTIPLIER_0, c.x) ^ c.w ^ k.y,
      MULTIPLIER_0 * c.x,
    );
    k += WEYL;
  }
  return c;
}

// 32 random bits.
fn random_word(key: vec2<u32>, step: u32, element: u32) -> u32 {
  let words = philox(vec4<u32>(element >> 2u, 0u, step, 0u), key);
  return words[element & 3u];
}

// Uniform in [0, 1).
fn random_uniform(key: vec2<u32>, step: u32, element: u32) -> f32 {
  return f32(random_word(key, step, element) >> 8u) * 0x1p-24;
}

// Standard normal, |x| <= 5.77.
fn random_normal(key: vec2<u32>, step: u32, element: u32) -> f32 {
  let words = philox(vec4<u32>(element >> 2u, 0u, step, 0u), key);
  let pair = select(words.xy, words.zw, (element & 2u) == 2u);
  let radius = contract_sqrt(-2.0 * contract_log(f32((pair.x >> 8u) + 1u) * 0x1p-24));
  let angle = f32(pair.y >> 8u) * 0x1p-24 * 6.2831855;
  return barrier(radius * select(contract_cos(angle), contract_sin(angle), (element & 1u) == 1u));
}
