// Nearest-neighbour upsampling of x [batch, height, WIDTH, CHANNELS]: each pixel becomes a block of
// FACTOR x FACTOR.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  let pixel = i / CHANNELS;
  // Rows of all images in one count: a block never reaches into the next image.
  let row = pixel / (WIDTH * FACTOR * FACTOR);
  let column = pixel % (WIDTH * FACTOR) / FACTOR;
  y[i] = x[(row * WIDTH + column) * CHANNELS + i % CHANNELS];
}
