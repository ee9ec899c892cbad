// Second half of a sum along the middle axis of [outer, LENGTH, INNER], from its part FIRST on: a
// fixed pairwise tree.
//
// Order: elements come in ascending; two partial sums over equally many elements are added as soon
// as both exist, the earlier on the left; at the end what is left is added from the latest to the
// earliest. For a power of two this is the balanced tree.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  let base = (FIRST + i / INNER) * LENGTH * INNER + i % INNER;
  var partial: array<f32, 32>;
  // Eight elements are a whole subtree: one visit to the partial sums instead of eight, which took
  // 225 x 864 elements from 1.9 to 1.0 ms on lavapipe.
  for (var k = 0u; k < LENGTH / 8u; k++) {
    //% for u in 0..8
    let x${u} = x[base + (k * 8u + ${u}u) * INNER];
    //% end
    var sum = ((x0 + x1) + (x2 + x3)) + ((x4 + x5) + (x6 + x7));
    var level = 3u;
    for (var rest = k; (rest & 1u) == 1u; rest = rest >> 1u) {
      sum = partial[level] + sum;
      level++;
    }
    partial[level] = sum;
  }
  for (var k = LENGTH / 8u * 8u; k < LENGTH; k++) {
    var sum = x[base + k * INNER];
    var level = 0u;
    for (var rest = k; (rest & 1u) == 1u; rest = rest >> 1u) {
      sum = partial[level] + sum;
      level++;
    }
    partial[level] = sum;
  }
  var level = firstTrailingBit(LENGTH);
  var sum = partial[level];
  for (level = level + 1u; (LENGTH >> level) != 0u; level++) {
    if ((LENGTH >> level & 1u) == 1u) {
      sum = partial[level] + sum;
    }
  }
  y[i] = finish(i, flush(sum));
}
