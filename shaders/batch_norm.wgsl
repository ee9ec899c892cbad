// Normalises x [LENGTH, CHANNELS] by each channel's mean and variance, then scales and shifts it. An
// invocation takes STRIP rows of a channel, so that what is the channel's is computed once for them.
//
// Order: inverse = rsqrt(variance + EPSILON); n = (x - mean) inverse, both steps flushed
// (normalised.wgsl); y = n gamma + beta, the product rounded on its own.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> mean: array<f32>;
@group(0) @binding(2) var<storage, read> variance: array<f32>;
@group(0) @binding(3) var<storage, read> gamma: array<f32>;
@group(0) @binding(4) var<storage, read> beta: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  let channel = i % CHANNELS;
  let start = i / CHANNELS * STRIP;
  let end = min(start + STRIP, LENGTH);
  let inverse = contract_rsqrt(variance[channel] + EPSILON);
  for (var k = start; k < end; k++) {
    let at = k * CHANNELS + channel;
    let n = normalised(x[at], mean[channel], inverse);
    y[at] = finish(at, flush(mul(n, gamma[channel]) + beta[channel]));
  }
}
