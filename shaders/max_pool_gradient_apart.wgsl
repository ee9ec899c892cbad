// max_pool_gradient where windows do not overlap (STRIDE >= SIZE): an invocation owns the STRIDE x
// STRIDE pixels from a window's first one on, finds the window's winner once, and stores them all.
// Cells beyond the last window hold pixels that belong to none.
//
// Order: an element is the gradient of its window if it won it, else zero.
//
// From plain to fast: one invocation per input element, which looks through its window again, 14 ms
// of a step of the reference net at batch 64; one per window.
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
  let cx = i / CHANNELS % CELLS_W;
  let cy = i / (CHANNELS * CELLS_W) % CELLS_H;
  let image = i / (CHANNELS * CELLS_W * CELLS_H);
  let start = ((image * IN_H + cy * STRIDE) * IN_W + cx * STRIDE) * CHANNELS + channel;
  var gradient = contract.zero;
  var winner = start;
  if (cy < OUT_H && cx < OUT_W) {
    gradient = dy[((image * OUT_H + cy) * OUT_W + cx) * CHANNELS + channel];
    var best = x[start];
    //% for ky in 0..SIZE
    //% for kx in 0..SIZE
    {
      let at = start + (${ky}u * IN_W + ${kx}u) * CHANNELS;
      let value = x[at];
      winner = select(winner, at, value > best);
      best = select(best, value, value > best);
    }
    //% end
    //% end
  }
  //% for sy in 0..STRIDE
  //% for sx in 0..STRIDE
  if (cy * STRIDE + ${sy}u < IN_H && cx * STRIDE + ${sx}u < IN_W) {
    let at = start + (${sy}u * IN_W + ${sx}u) * CHANNELS;
    dx[at] = finish(at, flush(select(0.0, gradient, at == winner)));
  }
  //% end
  //% end
}
