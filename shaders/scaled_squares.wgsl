// First half of the sum of squares of each row of x [rows, LENGTH], each divided by the power of two
// that the row's greatest magnitude gives: CHUNKS chunks of CHUNK elements, each one chain from a
// loaded zero in ascending order; a row's last chunk may be shorter.
//
// Order: v = x, +0 where it is subnormal, by an integer test; t = v r, with r the power's reciprocal,
// by its bits, so that nothing is rounded; t is +0 where it is below 2^-51; q = q + t t, the square
// rounded on its own. What comes out where x holds infinity or NaN, nobody reads.
@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read> greatest: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  let row = i / CHUNKS;
  let reciprocal = reciprocal_scale(greatest[row]);
  let start = i % CHUNKS * CHUNK;
  let end = min(start + CHUNK, LENGTH);
  var sum = contract.zero;
  for (var k = start; k < end; k++) {
    let bits = x[row * LENGTH + k];
    let value = bitcast<f32>(select(bits, 0u, (bits & 0x7f800000u) == 0u));
    let scaled = flush(barrier(value * reciprocal));
    sum = sum + mul(scaled, scaled);
  }
  y[i] = flush(sum);
}
