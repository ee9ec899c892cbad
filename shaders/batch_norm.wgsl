// Normalises x [LENGTH, CHANNELS] by each channel's mean and variance, then scales and shifts it. An
// invocation takes STRIP rows of a channel. What is the channel's is loaded before them, which takes
// 12,544 x 32 numbers from 1.6 to 0.9 ms on lavapipe, since the driver may not do so by itself.
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
  let centre = mean[channel];
  let inverse = contract_rsqrt(variance[channel] + EPSILON);
  let factor = gamma[channel];
  let shift = beta[channel];
  for (var k = start; k < end; k++) {
    let at = k * CHANNELS + channel;
    y[at] = finish(at, flush(mul(normalised(x[at], centre, inverse), factor) + shift));
  }
}
