// Scales each row of x [rows, LENGTH] to the norm `radius`, given the row's greatest magnitude and
// the sum q of its squares after the division by the power of two s that this gives: the row's norm
// is s sqrt(q). A row without squares is 0; with AT_MOST = 1, one whose norm is at most the radius
// stays as it is.
//
// Order: t = x (1 / s), which rounds nothing, and +0 where it is below 2^-51; f = radius rsqrt(q);
// y = t f. The norm is s times the root of q, rounded once.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> greatest: array<u32>;
@group(0) @binding(2) var<storage, read> squares: array<f32>;
@group(0) @binding(3) var<storage, read> radius: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  let row = i / LENGTH;
  let q = squares[row];
  if (AT_MOST == 1u) {
    let norm = bitcast<f32>(magnitude_scale(greatest[row])) * contract_sqrt(q);
    if (norm <= radius[0]) {
      y[i] = flush(x[i]);
      return;
    }
  }
  if (q == 0.0) {
    y[i] = 0.0;
    return;
  }
  let scaled = flush(barrier(x[i] * reciprocal_scale(greatest[row])));
  y[i] = flush(mul(scaled, barrier(radius[0] * contract_rsqrt(q))));
}
