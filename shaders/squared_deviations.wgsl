// First half of a sum of squared deviations from each channel's mean, of x [LENGTH, CHANNELS]: chunks
// of CHUNK rows, each one chain from a loaded zero in ascending order; the last may be shorter.
//
// Order: d = x - mean, +0 where it is below 2^-51; s = s + d d, the square rounded on its own.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> mean: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  let channel = i % CHANNELS;
  let start = i / CHANNELS * CHUNK;
  let end = min(start + CHUNK, LENGTH);
  let centre = mean[channel];
  var sum = contract.zero;
  for (var k = start; k < end; k++) {
    let deviation = flush(barrier(x[k * CHANNELS + channel] - centre));
    sum = sum + mul(deviation, deviation);
  }
  y[i] = finish(i, flush(sum));
}
