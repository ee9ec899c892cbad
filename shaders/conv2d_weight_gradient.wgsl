// Gradient of conv2d with respect to its weights, by chunks of output pixels: partial sums
// [CHUNKS, KERNEL_H * KERNEL_W * CHANNELS, N] from x [batch, IN_H, IN_W, CHANNELS] and
// dy [batch, OUT_H, OUT_W, N], as a matrix product (product_across.wgsl): output row m is the weight
// (ky, kx, channel), its column n the filter, k the output pixel.
//
// Order: within a chunk of CHUNK output pixels (image, oy, ox) one chain from a loaded zero in
// ascending order, every product rounded on its own; a pixel on padding adds a zero. The chunks are
// then added by sum_tree.

// This weight's tap; above or left of the image the pixel wraps round and fails `< IN_H`.
fn row(m: u32) -> vec4<u32> {
  let ky = m / CHANNELS / KERNEL_W - TOP;
  let kx = m / CHANNELS % KERNEL_W - LEFT;
  return vec4<u32>((ky * IN_W + kx) * CHANNELS + m % CHANNELS, ky, kx, 0u);
}

fn stored(m: u32) -> u32 {
  return m;
}

fn place(k: u32) -> vec4<u32> {
  let y = k / OUT_W % OUT_H * STRIDE;
  let x = k % OUT_W * STRIDE;
  return vec4<u32>(((k / (OUT_W * OUT_H) * IN_H + y) * IN_W + x) * CHANNELS, y, x, 0u);
}

fn at(row: vec4<u32>, place: vec4<u32>) -> u32 {
  // Not `&&`: those are branches, with which SwiftShader took minutes to compile this.
  let inside = !PADDED | ((place.y + row.y < IN_H) & (place.z + row.z < IN_W));
  return select(OUTSIDE, place.x + row.x, inside);
}
