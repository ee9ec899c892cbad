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
  // The windows that may hold this pixel: the last that starts at or before it and REACH - 1 before
  // that one, in ascending order; what lies before the first wraps round and fails `< OUT_H`.
  //% for wy in 0..REACH
  //% for wx in 0..REACH
  {
    let oy = iy / STRIDE + ${wy}u - (REACH - 1u);
    let ox = ix / STRIDE + ${wx}u - (REACH - 1u);
    if (oy < OUT_H && ox < OUT_W && iy - oy * STRIDE < SIZE && ix - ox * STRIDE < SIZE) {
      let start = ((image * IN_H + oy * STRIDE) * IN_W + ox * STRIDE) * CHANNELS + channel;
      var won = true;
      //% for ky in 0..SIZE
      //% for kx in 0..SIZE
      {
        let at = start + (${ky}u * IN_W + ${kx}u) * CHANNELS;
        let other = x[at];
        won = won && (other < own || (other == own && at >= i));
      }
      //% end
      //% end
      let gradient = dy[((image * OUT_H + oy) * OUT_W + ox) * CHANNELS + channel];
      sum = sum + select(0.0, gradient, won);
    }
  }
  //% end
  //% end
  dx[i] = finish(i, flush(sum));
}
