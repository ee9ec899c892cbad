// One step of RMSprop over flat buffers. Scalars: [0] rho, [1] 1 - rho, [2] learning rate,
// [3] epsilon; all computed on the host.
//
// Order: v = rho v + (1 - rho) (g g), each product rounded on its own; w = w - [2] * (g *
// reciprocal(sqrt(v) + epsilon)). A mean square below 2^-120 becomes +0, so that none is ever
// subnormal.
@group(0) @binding(0) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(1) var<storage, read> gradients: array<f32>;
@group(0) @binding(2) var<storage, read_write> squares: array<f32>;
@group(0) @binding(3) var<storage, read> scalars: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  let g = gradients[i];
  let square = barrier(g * g);
  let sum = barrier(scalars[0] * squares[i]) + mul(scalars[1], square);
  let v = select(sum, 0.0, bitcast<u32>(sum) < 0x03800000u);
  squares[i] = v;
  let step = barrier(g * contract_reciprocal(contract_sqrt(v) + scalars[3]));
  parameters[i] = flush(parameters[i] - mul(scalars[2], step));
}
