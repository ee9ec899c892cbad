// The sums of products of product.wgsl and product_across.wgsl, for GPUs: a workgroup of
// ACROSS x DOWN invocations computes a block of BLOCK_M x BLOCK_N outputs and keeps the parts of a
// and b that it needs for DEPTH products in workgroup memory, where an invocation finds four rows
// or columns in one vector. stage_runs and stage_across say how a gets there.
//
// Not measured on a GPU yet: the form (register tiles fed by vectors from at most 16 KiB of workgroup
// memory) is the one that is known to do well there.
//
// Order: one chain per output and chunk from a loaded zero, k ascending, every product rounded on its
// own. What lies on padding or beyond the end adds zeros.
const OUTSIDE = 0xffffffffu;
const BLOCK_M = DOWN * ROWS;
const BLOCK_N = ACROSS * VECTORS * 4u;
const A_SLOTS = DEPTH * BLOCK_M / 4u;
const B_SLOTS = DEPTH * BLOCK_N / 4u;
// By inner index, then by rows or columns in fours.
var<workgroup> a_tile: array<vec4<f32>, A_SLOTS>;
var<workgroup> b_tile: array<vec4<f32>, B_SLOTS>;

@compute @workgroup_size(ACROSS, DOWN)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let block_m = group.x * BLOCK_M;
  let block_n = group.y * BLOCK_N;
  //% for g in 0..GROUPS
  //% for r in 0..4
  //% for j in 0..VECTORS
  var sum${g}_${r}_${j} = vec4<f32>(contract.zero);
  //% end
  //% end
  //% end
  let begin = group.z * CHUNK;
  let end = min(begin + CHUNK, K);
  for (var first_k = begin; first_k < end; first_k += DEPTH) {
    for (var slot = index; slot < A_SLOTS; slot += ACROSS * DOWN) {
      stage(slot, block_m, first_k, end);
    }
    for (var slot = index; slot < B_SLOTS; slot += ACROSS * DOWN) {
      let k = min(first_k + slot / (BLOCK_N / 4u), K - 1u);
      b_tile[slot] = columns(b_row(k), block_n + slot % (BLOCK_N / 4u) * 4u);
    }
    workgroupBarrier();
    //% for u in 0..DEPTH
    {
      //% for j in 0..VECTORS
      let b${j} = b_tile[${u}u * (BLOCK_N / 4u) + local.x * VECTORS + ${j}u];
      //% end
      //% for g in 0..GROUPS
      let a${g} = a_tile[${u}u * (BLOCK_M / 4u) + local.y * GROUPS + ${g}u];
      //% for r in 0..4
      //% for j in 0..VECTORS
      sum${g}_${r}_${j} = sum${g}_${r}_${j} + mul4(vec4<f32>(a${g}[${r}]), b${j});
      //% end
      //% end
      //% end
    }
    //% end
    workgroupBarrier();
  }
  let first_m = block_m + local.y * ROWS;
  let first_n = block_n + local.x * (VECTORS * 4u);
  //% for g in 0..GROUPS
  //% for r in 0..4
  let stored${g}_${r} = stored(group.z * M + min(first_m + ${g}u * 4u + ${r}u, M - 1u));
  if (first_m + ${g}u * 4u + ${r}u < M && stored${g}_${r} != OUTSIDE) {
    //% for j in 0..VECTORS
    store(stored${g}_${r}, first_n + ${j}u * 4u, sum${g}_${r}_${j});
    //% end
  }
  //% end
  //% end
}
