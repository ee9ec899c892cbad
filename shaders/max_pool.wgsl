// Max-pooling of x [batch, IN_H, IN_W, CHANNELS] over windows of SIZE x SIZE.
//
// Order: a window is read row by row; a later element wins only if it is greater.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  let pixel = i / CHANNELS;
  let ox = pixel % OUT_W;
  let oy = pixel / OUT_W % OUT_H;
  let image = pixel / (OUT_W * OUT_H);
  let start = ((image * IN_H + oy * STRIDE) * IN_W + ox * STRIDE) * CHANNELS + i % CHANNELS;
  var best = x[start];
  //% for ky in 0..SIZE
  //% for kx in 0..SIZE
  {
    let value = x[start + (${ky}u * IN_W + ${kx}u) * CHANNELS];
    best = select(best, value, value > best);
  }
  //% end
  //% end
  y[i] = best;
}
