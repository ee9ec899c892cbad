// Convolution (cross-correlation, no flip) of x [batch, IN_H, IN_W, CHANNELS] with weights
// [KERNEL_H, KERNEL_W, CHANNELS, N], as a matrix product that gathers its rows: output row m is the
// pixel (image, oy, ox), its column n the filter.
//
// Order: one chain per output from a loaded zero over kernel rows, kernel columns and channels, all
// ascending, every product rounded on its own. A tap that falls on padding adds a zero. Without
// padding a kernel row's taps and channels lie in one run of RUN_W * CHANNELS neighbours.
@group(0) @binding(0) var<storage, read> x: array<f32>;

@compute @workgroup_size(WIDTH, HEIGHT)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let first_m = id.y * ROWS;
  let first_n = id.x * VECTORS * 4u;
  if (first_m >= M || first_n >= N) {
    return;
  }
  let zero = contract.zero;
  //% for i in 0..ROWS
  let m${i} = min(first_m + ${i}u, M - 1u);
  // The window's first pixel; above or left of the image these wrap round and fail `< IN_H`.
  let y${i} = m${i} / OUT_W % OUT_H * STRIDE - TOP;
  let x${i} = m${i} % OUT_W * STRIDE - LEFT;
  let start${i} = ((m${i} / (OUT_W * OUT_H) * IN_H + y${i}) * IN_W + x${i}) * CHANNELS;
  //% for j in 0..VECTORS
  var sum${i}_${j} = vec4<f32>(zero);
  //% end
  //% end
  for (var ky = 0u; ky < KERNEL_H; ky++) {
    for (var kx = 0u; kx < KERNEL_W; kx += RUN_W) {
      let tap = (ky * IN_W + kx) * CHANNELS;
      let row = (ky * KERNEL_W + kx) * CHANNELS * N;
      //% for i in 0..ROWS
      // Not `&&`: those are branches, which some drivers compile very slowly.
      let inside${i} = !PADDED | ((y${i} + ky < IN_H) & (x${i} + kx < IN_W));
      let base${i} = select(0u, start${i} + tap, inside${i});
      //% end
      for (var first = 0u; first < RUN_W * CHANNELS; first += UNROLL) {
        //% for u in 0..UNROLL
        {
          let k = first + ${u}u;
          //% for j in 0..VECTORS
          let b${j} = columns(row + k * N, first_n + ${j}u * 4u);
          //% end
          //% for i in 0..ROWS
          let a${i} = vec4<f32>(select(zero, x[base${i} + k], inside${i}));
          //% for j in 0..VECTORS
          sum${i}_${j} = sum${i}_${j} + mul4(a${i}, b${j});
          //% end
          //% end
        }
        //% end
      }
    }
  }
  //% for i in 0..ROWS
  //% for j in 0..VECTORS
  store(first_m + ${i}u, first_n + ${j}u * 4u, sum${i}_${j});
  //% end
  //% end
}
