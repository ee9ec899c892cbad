// Random numbers of a named stream: element i of a step, uniform in [0, 1) (KIND 0) or standard
// normal (1).
@group(0) @binding(0) var<storage, read> key: array<u32>;
@group(0) @binding(1) var<storage, read> step: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  let stream = vec2<u32>(key[0], key[1]);
  if (KIND == 0u) {
    y[i] = random_uniform(stream, step[0], i);
  } else {
    y[i] = flush(random_normal(stream, step[0], i));
  }
}
