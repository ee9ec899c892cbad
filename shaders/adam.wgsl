// One step of Adam over flat buffers. Scalars: [0] beta1, [1] 1 - beta1, [2] beta2, [3] 1 - beta2,
// [4] rate / (1 - beta1^t), [5] 1 / sqrt(1 - beta2^t), [6] epsilon; all computed on the host.
//
// Order: m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) (g g), each product rounded on its
// own; w = w - [4] * (m * reciprocal(sqrt(v) [5] + epsilon)). A second moment below 2^-120 becomes
// +0, so that none is ever subnormal.
@group(0) @binding(0) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(1) var<storage, read> gradients: array<f32>;
@group(0) @binding(2) var<storage, read_write> first: array<f32>;
@group(0) @binding(3) var<storage, read_write> second: array<f32>;
@group(0) @binding(4) var<storage, read> scalars: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  let g = gradients[i];
  let m = flush(barrier(scalars[0] * first[i]) + mul(scalars[1], g));
  let square = barrier(g * g);
  let sum = barrier(scalars[2] * second[i]) + mul(scalars[3], square);
  let v = select(sum, 0.0, bitcast<u32>(sum) < 0x03800000u);
  first[i] = m;
  second[i] = v;
  let root = barrier(contract_sqrt(v) * scalars[5]);
  let step = barrier(m * contract_reciprocal(root + scalars[6]));
  parameters[i] = flush(parameters[i] - mul(scalars[4], step));
}
