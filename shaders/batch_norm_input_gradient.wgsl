// Gradient of batch_norm.wgsl with respect to x, through each channel's mean and variance too: of dy
// and x [LENGTH, CHANNELS] and the channel's sums of dy and of dy n, where n is x normalised. With
// sums of zero it is the gradient where mean and variance do not follow from x.
//
// Order: inverse = rsqrt(variance + EPSILON); factor = gamma inverse; a = (sum of dy) SHARE;
// b = (sum of dy n) SHARE; dx = factor ((dy - a) - n b). Every product is rounded on its own; factor,
// a, b and what is multiplied with factor are flushed.
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> variance: array<f32>;
@group(0) @binding(4) var<storage, read> gamma: array<f32>;
@group(0) @binding(5) var<storage, read> sum: array<f32>;
@group(0) @binding(6) var<storage, read> weighted_sum: array<f32>;
@group(0) @binding(7) var<storage, read_write> dx: array<f32>;

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
  let factor = flush(barrier(gamma[channel] * inverse));
  let a = flush(barrier(sum[channel] * SHARE));
  let b = flush(barrier(weighted_sum[channel] * SHARE));
  for (var k = start; k < end; k++) {
    let at = k * CHANNELS + channel;
    let n = normalised(x[at], centre, inverse);
    let rest = flush(barrier(barrier(dy[at] - a) - mul(n, b)));
    dx[at] = flush(barrier(factor * rest));
  }
}
