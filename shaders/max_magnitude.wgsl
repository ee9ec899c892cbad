// The greatest |x| of each run of LENGTH elements, compared as bits: infinity beats every number
// and NaN beats infinity, and the order of comparison does not matter.
@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  let end = min((i + 1u) * LENGTH, TOTAL);
  var greatest = 0u;
  for (var k = i * LENGTH; k < end; k++) {
    greatest = max(greatest, x[k] & 0x7fffffffu);
  }
  y[i] = greatest;
}
