// First halves of the two sums that the gradient of batch_norm.wgsl needs of each channel of dy and x
// [LENGTH, CHANNELS], in one reading: of dy, and of dy n, where n is x normalised; [2, CHUNKS,
// CHANNELS].
//
// Order: inverse = rsqrt(variance + EPSILON); chunks of CHUNK rows, each one chain from a loaded zero
// in ascending order, every product rounded on its own; the last chunk may be shorter.
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> variance: array<f32>;
@group(0) @binding(4) var<storage, read_write> sums: array<f32>;

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
  let inverse = contract_rsqrt(variance[channel] + EPSILON);
  var plain = contract.zero;
  var weighted = contract.zero;
  for (var k = start; k < end; k++) {
    let at = k * CHANNELS + channel;
    plain = plain + dy[at];
    weighted = weighted + mul(dy[at], normalised(x[at], centre, inverse));
  }
  sums[i] = flush(plain);
  sums[COUNT + i] = flush(weighted);
}
