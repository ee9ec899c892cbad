// The tiled sum of products of matmul with a transposed left operand and of conv2d_weight_gradient,
// where neighbours in a belong to neighbouring rows: output (m, n) of chunk z is the sum over k, from
// z * CHUNK up to the chunk's or the sum's end, of a[at(row(m), place(k))] * b[k, n]. The op's text
// says with row(), place() and at() where the elements of a lie; how a, b and the output are read
// and written stands in across_*, columns_* and stores_*.
//
// Order: one chain per output and chunk from a loaded zero, k ascending, every product rounded on its
// own. An element on padding (at() is OUTSIDE) counts as zero.
//
// An invocation computes GROUPS * 4 x VECTORS * 4 outputs of one chunk.
//
// From plain to fast, gradient of 32 -> 64 channels at 16x16 pixels, batch 32, GFLOP/s as above in
// product.wgsl:
//  15    8 x (2 x vec4) weights per invocation, a number of x at a time
//  24    16 x (2 x vec4) weights, four rows by one vec4 load of x, for four pixels in turn
//  29    16 x (4 x vec4) weights
const OUTSIDE = 0xffffffffu;

@compute @workgroup_size(DOWN, ACROSS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let first_m = id.x % ROW_TILES * (GROUPS * 4u);
  let chunk = id.x / ROW_TILES;
  let first_n = id.y * (VECTORS * 4u);
  if (chunk >= CHUNKS || first_n >= N) {
    return;
  }
  //% for g in 0..GROUPS
  //% for r in 0..4
  let row${g}_${r} = row(min(first_m + ${g}u * 4u + ${r}u, M - 1u));
  //% for j in 0..VECTORS
  var sum${g}_${r}_${j} = vec4<f32>(contract.zero);
  //% end
  //% end
  //% end
  let end = min(chunk * CHUNK + CHUNK, K);
  for (var k = chunk * CHUNK; k < end; k += DEPTH) {
    //% for u in 0..DEPTH
    // The last turn may reach beyond the end; what it finds there counts as zero.
    let live${u} = EXACT | (k + ${u}u < end);
    let place${u} = place(min(k + ${u}u, K - 1u));
    //% for j in 0..VECTORS
    let b${u}_${j} = columns(min(k + ${u}u, K - 1u), first_n + ${j}u * 4u);
    //% end
    //% end
    // Four rows at a time, so that their sums stay in registers for DEPTH products.
    //% for g in 0..GROUPS
    //% for u in 0..DEPTH
    let a${g}_${u} = four(row${g}_0, row${g}_1, row${g}_2, row${g}_3, place${u}, live${u});
    //% end
    //% for r in 0..4
    //% for u in 0..DEPTH
    //% for j in 0..VECTORS
    sum${g}_${r}_${j} = sum${g}_${r}_${j} + mul4(vec4<f32>(a${g}_${u}[${r}]), b${u}_${j});
    //% end
    //% end
    //% end
    //% end
  }
  //% for g in 0..GROUPS
  //% for r in 0..4
  if (first_m + ${g}u * 4u + ${r}u < M) {
    //% for j in 0..VECTORS
    store(chunk * M + first_m + ${g}u * 4u + ${r}u, first_n + ${j}u * 4u, sum${g}_${r}_${j});
    //% end
  }
  //% end
  //% end
}
