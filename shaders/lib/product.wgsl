// The tiled sum of products that matmul, conv2d and conv2d_input_gradient share: output (m, n) is the
// sum over segments s and over k below LENGTH of a[start(row(m), s) + k] * b[s * LENGTH + k, n]. The
// op's text says with row() and start() where an output row finds its elements of a; how a, b and
// the output are read and written stands in runs_*, columns_* and stores_*.
//
// Order: one chain per output from a loaded zero, segments ascending, k ascending within each, every
// product rounded on its own. A segment on padding (start() is OUTSIDE) adds zeros.
//
// An invocation computes ROWS x VECTORS * 4 outputs; neighbouring invocations take neighbouring rows.
const OUTSIDE = 0xffffffffu;

@compute @workgroup_size(DOWN, ACROSS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let first_m = group.x * (DOWN * ROWS) + local.x;
  let first_n = (group.y * ACROSS + local.y) * (VECTORS * 4u);
  if (first_m >= M || first_n >= N) {
    return;
  }
  let zero = contract.zero;
  //% for i in 0..ROWS
  let row${i} = row(min(first_m + ${i}u * DOWN, M - 1u));
  //% for j in 0..VECTORS
  var sum${i}_${j} = vec4<f32>(zero);
  //% end
  //% end
  for (var s = 0u; s < SEGMENTS; s++) {
    //% for i in 0..ROWS
    let start${i} = start(row${i}, s);
    let inside${i} = !PADDED | (start${i} != OUTSIDE);
    let base${i} = select(0u, start${i}, inside${i});
    //% end
    // Rows that lie on padding together cost nothing.
    var some = false;
    //% for i in 0..ROWS
    some = some | inside${i};
    //% end
    let length = select(0u, LENGTH, some);
    for (var k = 0u; k < length; k += RUN) {
      //% for u in 0..RUN
      //% for j in 0..VECTORS
      let b${u}_${j} = columns(s * LENGTH + k + ${u}u, first_n + ${j}u * 4u);
      //% end
      //% end
      // Row by row, so that a row's sums stay in registers for RUN products.
      //% for i in 0..ROWS
      let a${i} = select(vec4<f32>(zero), run(base${i} + k), inside${i});
      //% for u in 0..RUN
      //% for j in 0..VECTORS
      sum${i}_${j} = sum${i}_${j} + mul4(vec4<f32>(a${i}[${u}]), b${u}_${j});
      //% end
      //% end
      //% end
    }
  }
  //% for i in 0..ROWS
  if (first_m + ${i}u * DOWN < M) {
    //% for j in 0..VECTORS
    store(stored(first_m + ${i}u * DOWN), first_n + ${j}u * 4u, sum${i}_${j});
    //% end
  }
  //% end
}
