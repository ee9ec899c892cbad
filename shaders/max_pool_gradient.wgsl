// Gradient of max_pool with respect to its input: each input element gets the gradients of the
// windows in which it is the first of the greatest.
//
// Order: one chain per input element from a loaded zero over the windows that hold it, ascending;
// a window that it did not win adds a zero.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  let channel = i % CHANNELS;
  let ix = i / CHANNELS % IN_W;
  let iy = i / (CHANNELS * IN_W) % IN_H;
  let image = i / (CHANNELS * IN_W * IN_H);
  let own = x[i];
  var sum = contract.zero;
  // The first window that reaches this pixel, and the last that starts at or before it.
  let first_y = select(0u, (iy - SIZE) / STRIDE + 1u, iy >= SIZE);
  let first_x = select(0u, (ix - SIZE) / STRIDE + 1u, ix >= SIZE);
  for (var oy = first_y; oy <= min(iy / STRIDE, OUT_H - 1u); oy++) {
    for (var ox = first_x; ox <= min(ix / STRIDE, OUT_W - 1u); ox++) {
      let start = ((image * IN_H + oy * STRIDE) * IN_W + ox * STRIDE) * CHANNELS + channel;
      var won = true;
      for (var ky = 0u; ky < SIZE; ky++) {
        for (var kx = 0u; kx < SIZE; kx++) {
          let at = start + (ky * IN_W + kx) * CHANNELS;
          let other = x[at];
          won = won && (other < own || at == i || (other == own && at > i));
        }
      }
      let gradient = dy[((image * OUT_H + oy) * OUT_W + ox) * CHANNELS + channel];
      sum = sum + select(0.0, gradient, won);
    }
  }
  dx[i] = flush(sum);
}
