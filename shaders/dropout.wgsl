// Dropout: element i is x[i] * SCALE where the stream's uniform number of (step, i) is at least RATE,
// else 0. One invocation per block of the stream, which is four elements.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> key: array<u32>;
@group(0) @binding(2) var<storage, read> step: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let index = id.y * ROW + id.x;
  if (index >= COUNT) {
    return;
  }
  let words = philox(vec4<u32>(index, 0u, step[0], 0u), vec2<u32>(key[0], key[1]));
  let end = min(4u * index + 4u, ELEMENTS);
  for (var i = 4u * index; i < end; i++) {
    let drawn = f32(words[i & 3u] >> 8u) * 0x1p-24;
    y[i] = finish(i, flush(select(mul(SCALE, x[i]), 0.0, drawn < RATE)));
  }
}
