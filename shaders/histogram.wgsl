// Counts of each run of RUN elements of x [LENGTH], the last of which may be shorter: y[run, 0] of
// those below FROM, y[run, 1 + b] of those in bin b of BINS, y[run, BINS + 1] of those at TO or above.
//
// Order: v = x, +0 where it is below 2^-51; it is compared with FROM and TO, of which the same holds;
// between them d = v - FROM, rounded, then d SCALE, rounded, and what is left of that without its
// fraction is the bin, at most the last. SCALE is bins by width, rounded on the host. So an element
// at an edge between two bins goes to the upper one, unless these roundings put it below. Infinity is
// counted at its end, NaN at the upper one. Counting is exact, in any order.
//
// Counted in storage: an invocation's own array of 1,026 took lavapipe 16 s to compile and was no
// faster.
@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

// A number that can be compared: NaN and infinity become the greatest finite one, of their sign.
fn comparable(bits: u32) -> f32 {
  let magnitude = bits & 0x7fffffffu;
  let sign = select(bits & 0x80000000u, 0u, magnitude > 0x7f800000u);
  return flush(bitcast<f32>(sign | min(magnitude, 0x7f7fffffu)));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  let first = i * (BINS + 2u);
  for (var j = 0u; j < BINS + 2u; j++) {
    y[first + j] = contract.zero;
  }
  let end = min((i + 1u) * RUN, LENGTH);
  for (var k = i * RUN; k < end; k++) {
    let value = comparable(x[k]);
    var at = 0u;
    if (value >= TO) {
      at = BINS + 1u;
    } else if (value >= FROM) {
      at = 1u + min(u32(barrier(value - FROM) * SCALE), BINS - 1u);
    }
    y[first + at] = flush(y[first + at] + 1.0);
  }
}
