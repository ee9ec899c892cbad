// The column of the smallest number of each row of SHARDS matrices that stand side by side, the
// lowest column among equals. A workgroup does a row: each invocation every 64th column, then one of
// them chooses among what all have found.
//
// Order: none; of two columns one is smaller or lower, so any order ends at the same.
//% for s in 0..SHARDS
@group(0) @binding(${s}) var<storage, read> distances${s}: array<u32>;
//% end
@group(0) @binding(SHARDS) var<storage, read_write> y: array<u32>;

// The smallest distance that an invocation has met, and its column.
var<workgroup> found: array<vec2<u32>, 64>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = group.y * (ROW / 64u) + group.x;
  if (row >= COUNT / 64u) {
    return;
  }
  var best = vec2<u32>(0xffffffffu);
  //% for s in 0..SHARDS
  for (var column = lane; column < COLUMNS${s}; column += 64u) {
    let distance = distances${s}[row * COLUMNS${s} + column];
    if (distance < best.x) {
      best = vec2<u32>(distance, START${s} + column);
    }
  }
  //% end
  found[lane] = best;
  workgroupBarrier();
  if (lane > 0u) {
    return;
  }
  for (var other = 1u; other < 64u; other++) {
    let next = found[other];
    if (next.x < best.x || (next.x == best.x && next.y < best.y)) {
      best = next;
    }
  }
  y[row] = best.y;
}
