// Gradient of conv2d with respect to its weights, by chunks of output pixels: partial sums
// [CHUNKS, KERNEL_H * KERNEL_W * CHANNELS, N] from x [batch, IN_H, IN_W, CHANNELS] and
// dy [batch, OUT_H, OUT_W, N]. Output row m is the weight (ky, kx, channel), its column n the filter.
//
// Order: within a chunk of CHUNK output pixels (image, oy, ox) one chain from a loaded zero in
// ascending order, every product rounded on its own; a pixel on padding adds a zero. The chunks are
// then added by sum_tree.
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
  // This weight's tap; above or left of the image the pixel wraps round and fails `< IN_H`.
  let ky${i} = m${i} / CHANNELS / KERNEL_W - TOP;
  let kx${i} = m${i} / CHANNELS % KERNEL_W - LEFT;
  let tap${i} = (ky${i} * IN_W + kx${i}) * CHANNELS + m${i} % CHANNELS;
  //% for j in 0..VECTORS
  var sum${i}_${j} = vec4<f32>(zero);
  //% end
  //% end
  let first = id.z * CHUNK;
  let end = min(first + CHUNK, PIXELS);
  var ox = first % OUT_W;
  var oy = first / OUT_W % OUT_H;
  var image = first / (OUT_W * OUT_H);
  for (var turn = first; turn < end; turn += UNROLL) {
    //% for u in 0..UNROLL
    {
      // The last turn may reach beyond the chunk; what it finds there counts as zero.
      let live = EXACT | (turn + ${u}u < end);
      let pixel = min(turn + ${u}u, PIXELS - 1u);
      let start = ((image * IN_H + oy * STRIDE) * IN_W + ox * STRIDE) * CHANNELS;
      //% for j in 0..VECTORS
      let b${j} = columns(pixel * N, first_n + ${j}u * 4u);
      //% end
      //% for i in 0..ROWS
      // Not `&&`: those are branches, with which SwiftShader took minutes to compile this.
      let inside${i} = live & (!PADDED
        | ((oy * STRIDE + ky${i} < IN_H) & (ox * STRIDE + kx${i} < IN_W)));
      let a${i} = vec4<f32>(
        select(zero, x[select(0u, start + tap${i}, inside${i})], inside${i}));
      //% for j in 0..VECTORS
      sum${i}_${j} = sum${i}_${j} + mul4(a${i}, b${j});
      //% end
      //% end
      ox++;
      oy += select(0u, 1u, ox == OUT_W);
      ox = select(ox, 0u, ox == OUT_W);
      image += select(0u, 1u, oy == OUT_H);
      oy = select(oy, 0u, oy == OUT_H);
    }
    //% end
  }
  //% for i in 0..ROWS
  //% for j in 0..VECTORS
  store_partial(id.z, first_m + ${i}u, first_n + ${j}u * 4u, sum${i}_${j});
  //% end
  //% end
}

// Chunks follow each other like further rows, but rows end within a chunk.
fn store_partial(chunk: u32, m: u32, n: u32, value: vec4<f32>) {
  if (m < M) {
    store(chunk * M + m, n, value);
  }
}
