// Gradient of upsample: dx [batch, height, WIDTH, CHANNELS] from dy, which has a block of FACTOR x
// FACTOR pixels for each of its pixels.
//
// Order: one chain per element from a loaded zero over the block's rows, then columns, ascending.
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  let pixel = i / CHANNELS;
  let first = (pixel / WIDTH * WIDTH * FACTOR + pixel % WIDTH) * FACTOR * CHANNELS + i % CHANNELS;
  var sum = contract.zero;
  for (var y = 0u; y < FACTOR; y++) {
    for (var x = 0u; x < FACTOR; x++) {
      sum = sum + dy[first + (y * WIDTH * FACTOR + x) * CHANNELS];
    }
  }
  dx[i] = finish(i, flush(sum));
}
