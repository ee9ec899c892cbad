// Gradient of conv2d with respect to its input: dx [batch, IN_H, IN_W, CHANNELS] from
// dy [batch, OUT_H, OUT_W, FILTERS] and the weights with their last two axes swapped,
// [KERNEL_H, KERNEL_W, FILTERS, N]. Output row m is the input pixel (image, iy, ix), its column n
// the channel.
//
// Order: one chain per output from a loaded zero over kernel rows, kernel columns and filters, all
// ascending, every product rounded on its own. A tap from no output pixel adds a zero.
@group(0) @binding(0) var<storage, read> dy: array<f32>;

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
  let y${i} = m${i} / IN_W % IN_H + TOP;
  let x${i} = m${i} % IN_W + LEFT;
  let image${i} = m${i} / (IN_W * IN_H) * OUT_H;
  //% for j in 0..VECTORS
  var sum${i}_${j} = vec4<f32>(zero);
  //% end
  //% end
  for (var ky = 0u; ky < KERNEL_H; ky++) {
    for (var kx = 0u; kx < KERNEL_W; kx++) {
      let row = (ky * KERNEL_W + kx) * FILTERS * N;
      //% for i in 0..ROWS
      // The output pixel that this tap came from; before the first these wrap round.
      let v${i} = y${i} - ky;
      let u${i} = x${i} - kx;
      // Not `&&`: those are branches, with which SwiftShader took 14 s to compile a strided kernel.
      let inside${i} = (v${i} / STRIDE < OUT_H) & (u${i} / STRIDE < OUT_W)
        & (v${i} % STRIDE == 0u) & (u${i} % STRIDE == 0u);
      let base${i} = select(
        0u, ((image${i} + v${i} / STRIDE) * OUT_W + u${i} / STRIDE) * FILTERS, inside${i});
      //% end
      for (var first = 0u; first < FILTERS; first += UNROLL) {
        //% for u in 0..UNROLL
        {
          let k = first + ${u}u;
          //% for j in 0..VECTORS
          let b${j} = columns(row + k * N, first_n + ${j}u * 4u);
          //% end
          //% for i in 0..ROWS
          let a${i} = vec4<f32>(select(zero, dy[base${i} + k], inside${i}));
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
