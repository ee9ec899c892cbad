// Gradient of conv2d with respect to its input: dx [batch, IN_H, IN_W, CHANNELS] from
// dy [batch, OUT_H, OUT_W, FILTERS] and the weights with their last two axes swapped,
// [KERNEL_H, KERNEL_W, FILTERS, N], as a matrix product (product.wgsl) that gathers its rows: output
// row m is the input pixel (image, iy, ix), its column n the channel, a segment is one tap.
//
// Order: one chain per output from a loaded zero over kernel rows, kernel columns and filters, all
// ascending, every product rounded on its own. A tap from no output pixel adds a zero.

fn row(m: u32) -> vec4<u32> {
  let pixel = m / BATCH;
  return vec4<u32>(m % BATCH * OUT_H, pixel / IN_W + TOP, pixel % IN_W + LEFT, 0u);
}

fn stored(m: u32) -> u32 {
  return m % BATCH * (IN_H * IN_W) + m / BATCH;
}

fn start(row: vec4<u32>, segment: u32) -> u32 {
  // The output pixel that this tap came from; before the first these wrap round.
  let v = row.y - segment / KERNEL_W;
  let u = row.z - segment % KERNEL_W;
  // Not `&&`: those are branches, with which SwiftShader took 14 s to compile a strided kernel.
  let inside = (v / STRIDE < OUT_H) & (u / STRIDE < OUT_W)
    & (v % STRIDE == 0u) & (u % STRIDE == 0u);
  return select(OUTSIDE, ((row.x + v / STRIDE) * OUT_W + u / STRIDE) * FILTERS, inside);
}
