// Matrix product, c[m, n] = sum over k of a[m, k] * b[k, n], either operand transposed or not.
//
// Order: one chain per output from a loaded zero, k ascending, every product rounded on its own.
@group(0) @binding(0) var<storage, read> a: array<f32>;

@compute @workgroup_size(WIDTH, HEIGHT)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let first_m = id.y * ROWS;
  let first_n = id.x * VECTORS * 4u;
  if (first_m >= M || first_n >= N) {
    return;
  }
  //% for i in 0..ROWS
  let row${i} = min(first_m + ${i}u, M - 1u) * A_ROW;
  //% for j in 0..VECTORS
  var sum${i}_${j} = vec4<f32>(contract.zero);
  //% end
  //% end
  for (var first_k = 0u; first_k < K; first_k += UNROLL) {
    //% for u in 0..UNROLL
    {
      let k = first_k + ${u}u;
      //% for j in 0..VECTORS
      let b${j} = columns(k * B_ROW, first_n + ${j}u * 4u);
      //% end
      //% for i in 0..ROWS
      let a${i} = vec4<f32>(a[row${i} + k * A_COLUMN]);
      //% for j in 0..VECTORS
      sum${i}_${j} = sum${i}_${j} + mul4(a${i}, b${j});
      //% end
      //% end
    }
    //% end
  }
  //% for i in 0..ROWS
  //% for j in 0..VECTORS
  store(first_m + ${i}u, first_n + ${j}u * 4u, sum${i}_${j});
  //% end
  //% end
}
