// The tiled sum of products that matmul, conv2d and conv2d_input_gradient share: output (m, n) is the
// sum over segments s and over k below LENGTH of a[start(row(m), s) + k] * b[tap(s) * LENGTH + k, n].
// The op's text says with row(), start() and tap() where an output row finds its elements of a, and a
// segment those of b; how a, b and the output are read and written stands in runs_*, columns_* and
// stores_*. Each layer of workgroups has its own M rows and SEGMENTS segments, counted on from those
// of the layer before; a row for which stored() is OUTSIDE only fills its layer.
//
// Order: one chain per output from a loaded zero, segments ascending, k ascending within each, every
// product rounded on its own. A segment on padding (start() is OUTSIDE) adds zeros.
//
// An invocation computes ROWS x VECTORS * 4 outputs; neighbouring invocations take neighbouring rows.
//
// From plain to fast, matrix product 1024x256x576, GFLOP/s on 2 cores of an Intel Xeon under lavapipe
// 22.3.6 (2026-11-21), where a load costs as much as a dozen products:
//   1.3  one output per invocation
//  14.4  8 x (2 x vec4) outputs per invocation with constant indices, so that a loaded number serves
//        8 products
//  17.1  16 x (2 x vec4) outputs
//  23.9  four products of a row by one vec4 load of a, row by row
//  28.0  16 x (4 x vec4) outputs, neighbouring invocations on neighbouring rows (on neighbouring
//        columns 19.8, and narrow outputs left half of a vector idle); 25.2 with all that is below
// Not taken: operands in workgroup memory (12 to 16.5: barriers make this driver save every sum).
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
  let row${i} = row(group.z * M + min(first_m + ${i}u * DOWN, M - 1u));
  //% for j in 0..VECTORS
  var sum${i}_${j} = vec4<f32>(zero);
  //% end
  //% end
  for (var in_layer = 0u; in_layer < SEGMENTS; in_layer++) {
    let s = group.z * SEGMENTS + in_layer;
    //% for i in 0..ROWS
    let start${i} = start(row${i}, s);
    let inside${i} = !PADDED | (start${i} != OUTSIDE);
    let base${i} = select(0u, start${i}, inside${i});
    //% end
    // Rows that lie on padding together cost nothing: conv2d_input_gradient of 64 -> 64 channels at
    // 8x8 pixels from 15.9 to 21.
    var some = false;
    //% for i in 0..ROWS
    some = some | inside${i};
    //% end
    let length = select(0u, LENGTH, some);
    let first_k = tap(s) * LENGTH;
    for (var k = 0u; k < length; k += RUN) {
      //% for u in 0..RUN
      //% for j in 0..VECTORS
      let b${u}_${j} = columns(first_k + k + ${u}u, first_n + ${j}u * 4u);
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
  let stored${i} = stored(group.z * M + min(first_m + ${i}u * DOWN, M - 1u));
  if (first_m + ${i}u * DOWN < M && stored${i} != OUTSIDE) {
    //% for j in 0..VECTORS
    store(stored${i}, first_n + ${j}u * 4u, sum${i}_${j});
    //% end
  }
  //% end
}
