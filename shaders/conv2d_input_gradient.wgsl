// Gradient of conv2d with respect to its input: dx [batch, IN_H, IN_W, CHANNELS] from
// dy [batch, OUT_H, OUT_W, FILTERS] and the weights with their last two axes swapped,
// [KERNEL_H, KERNEL_W, FILTERS, N], as a matrix product (product.wgsl) that gathers its rows. Every
// STRIDE-th row and column of pixels is reached by the same taps, every STRIDE-th of the kernel: such
// a phase is a layer of CELLS_H x CELLS_W pixels, the last of which may lie beyond the image, and of
// TAPS_H x TAPS_W segments, the last of which may lie beyond the kernel. A row is a pixel of all
// images in turn, then the next one's; its column n is the channel.
//
// Order: one chain per output from a loaded zero over kernel rows, kernel columns and filters, all
// ascending, every product rounded on its own. A tap from no output pixel adds a zero.
//
// From plain to fast, batch 64, GFLOP/s as in product.wgsl: from 64 channels at 7x7 pixels to 32 at
// 14x14, kernel 4, stride 2; from 64 of one pixel to 64 at 7x7, kernel 7:
//  14.1   7.7  every pixel asks all taps, at stride 2 three of four in vain
//  24.7  19.1  phases, and tiles of 8 rows for the 64 of a phase of the latter

// The pixel of row m; it may lie beyond the image.
fn pixel(m: u32) -> vec2<u32> {
  let phase = m / M;
  let cell = m % M / BATCH;
  return vec2<u32>(
    cell / CELLS_W * STRIDE + phase / STRIDE,
    cell % CELLS_W * STRIDE + phase % STRIDE,
  );
}

fn row(m: u32) -> vec4<u32> {
  let at = pixel(m);
  let inside = (at.x < IN_H) & (at.y < IN_W);
  // The output pixel of the first tap.
  return vec4<u32>(
    m % BATCH * OUT_H,
    select(OUT_H + TAPS_H, (at.x + TOP) / STRIDE, inside),
    (at.y + LEFT) / STRIDE,
    0u,
  );
}

fn stored(m: u32) -> u32 {
  let at = pixel(m);
  let inside = (at.x < IN_H) & (at.y < IN_W);
  return select(OUTSIDE, (m % BATCH * IN_H + at.x) * IN_W + at.y, inside);
}

// A segment's row and column of the kernel.
fn place(segment: u32) -> vec2<u32> {
  let phase = segment / (TAPS_H * TAPS_W);
  let step = segment % (TAPS_H * TAPS_W);
  return vec2<u32>(
    (phase / STRIDE + TOP) % STRIDE + step / TAPS_W * STRIDE,
    (phase % STRIDE + LEFT) % STRIDE + step % TAPS_W * STRIDE,
  );
}

fn tap(segment: u32) -> u32 {
  let at = place(segment);
  return min(at.x, KERNEL_H - 1u) * KERNEL_W + min(at.y, KERNEL_W - 1u);
}

fn start(row: vec4<u32>, segment: u32) -> u32 {
  let at = place(segment);
  // The output pixel that this tap came from; before the first these wrap round.
  let v = row.y - at.x / STRIDE;
  let u = row.z - at.y / STRIDE;
  // Not `&&`: those are branches, with which SwiftShader took 14 s to compile a strided kernel.
  let inside = (v < OUT_H) & (u < OUT_W) & (at.x < KERNEL_H) & (at.y < KERNEL_W);
  return select(OUTSIDE, ((row.x + v) * OUT_W + u) * FILTERS, inside);
}
