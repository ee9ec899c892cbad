// Adds one to every counter.
@group(0) @binding(0) var<storage, read_write> counters: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < COUNT) {
    counters[id.x] = counters[id.x] + 1u;
  }
}
