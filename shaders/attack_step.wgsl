// One step of an attack in the max norm: each element of x moves by sizes[1] in the direction of the
// gradient's sign, and back into the ball of radius sizes[0] around the origin and into 0..1.
//
// Order: y = x + d, with d = +-sizes[1], or y = x where the gradient's magnitude is below 2^-51, by
// its bits; y = max(y, origin - sizes[0]); y = min(y, origin + sizes[0]); y = max(y, 0);
// y = min(y, 1). What is added is stored numbers, so no sum is subnormal.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> gradient: array<u32>;
@group(0) @binding(2) var<storage, read> origin: array<f32>;
@group(0) @binding(3) var<storage, read> sizes: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  let bits = gradient[i];
  let signed = bitcast<f32>(bitcast<u32>(sizes[1]) ^ (bits & 0x80000000u));
  let moved = x[i] + signed;
  var next = select(moved, x[i], (bits & 0x7fffffffu) < 0x26000000u);
  let low = origin[i] - sizes[0];
  let high = origin[i] + sizes[0];
  next = select(next, low, next < low);
  next = select(next, high, next > high);
  next = select(next, 0.0, next < 0.0);
  next = select(next, 1.0, next > 1.0);
  y[i] = flush(next);
}
