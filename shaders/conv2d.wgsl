// Convolution (cross-correlation, no flip) of x [batch, IN_H, IN_W, CHANNELS] with weights
// [KERNEL_H, KERNEL_W, CHANNELS, N], as a matrix product (product.wgsl) that gathers its rows: output
// row m is the pixel (image, oy, ox), its column n the filter.
//
// Order: one chain per output from a loaded zero over kernel rows, kernel columns and channels, all
// ascending, every product rounded on its own. A tap that falls on padding adds a zero. Without
// padding a kernel row's taps and channels are one segment of RUN_W * CHANNELS neighbours.

// The window's first pixel; above or left of the image its coordinates wrap round and fail `< IN_H`.
fn row(m: u32) -> vec4<u32> {
  let y = m / OUT_W % OUT_H * STRIDE - TOP;
  let x = m % OUT_W * STRIDE - LEFT;
  return vec4<u32>(((m / (OUT_W * OUT_H) * IN_H + y) * IN_W + x) * CHANNELS, y, x, 0u);
}

fn stored(m: u32) -> u32 {
  return m;
}

fn start(row: vec4<u32>, segment: u32) -> u32 {
  let ky = segment / (KERNEL_W / RUN_W);
  let kx = segment % (KERNEL_W / RUN_W) * RUN_W;
  // Not `&&`: those are branches, which some drivers compile very slowly.
  let inside = !PADDED | ((row.y + ky < IN_H) & (row.z + kx < IN_W));
  return select(OUTSIDE, row.x + (ky * IN_W + kx) * CHANNELS, inside);
}

fn tap(segment: u32) -> u32 {
  return segment;
}
