// Second half of a sum along the middle axis of [outer, LENGTH, INNER]: a fixed pairwise tree.
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
  let base = i / INNER * LENGTH * INNER + i % INNER;
  var partial: array<f32, 32>;
  for (var k = 0u; k < LENGTH; k++) {
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
