// Puts a sum of squares together: y[0] is the power of two that the greatest magnitude gives, y[1]
// the sum of the squares after the division by it, or the greatest magnitude itself where that is
// infinity or NaN. Bits only, since the power may be smaller than what sums may store.
@group(0) @binding(0) var<storage, read> greatest: array<u32>;
@group(0) @binding(1) var<storage, read> squares: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(1)
fn main() {
  let magnitude = greatest[0];
  y[0] = magnitude_scale(magnitude);
  y[1] = select(squares[0], magnitude, magnitude >= 0x7f800000u);
}
