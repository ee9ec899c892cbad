// A running value follows a new one: running = KEEP running + SHARE value, each product rounded on its
// own.
@group(0) @binding(0) var<storage, read> value: array<f32>;
@group(0) @binding(1) var<storage, read_write> running: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  running[i] = flush(barrier(KEEP * running[i]) + mul(SHARE, value[i]));
}
