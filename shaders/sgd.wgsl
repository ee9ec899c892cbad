// One step of stochastic gradient descent over a flat buffer: w = w - rate * g.
@group(0) @binding(0) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(1) var<storage, read> gradients: array<f32>;
@group(0) @binding(2) var<storage, read> scalars: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i < COUNT) {
    parameters[i] = flush(parameters[i] - mul(scalars[0], gradients[i]));
  }
}
