// First half of a sum along the middle axis of [outer, LENGTH, INNER]: chunks of CHUNK elements,
// each one chain from a loaded zero in ascending order; the last chunk may be shorter.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  let inner = i % INNER;
  let chunk = i / INNER % CHUNKS;
  let outer = i / INNER / CHUNKS;
  let start = chunk * CHUNK;
  let end = min(start + CHUNK, LENGTH);
  var sum = contract.zero;
  for (var k = start; k < end; k++) {
    sum = sum + x[(outer * LENGTH + k) * INNER + inner];
  }
  y[i] = finish(i, flush(sum));
}
