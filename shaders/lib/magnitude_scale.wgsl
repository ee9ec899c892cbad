// The bits of the power of two by which numbers up to the given magnitude are divided before they
// are squared: of its exponent, by its bits; from 2^-126 to 2^126, so that its reciprocal is a
// normal number too, and 1 below that. Twin of magnitudeScale() in core/ops/sum_of_squares.ts.
fn magnitude_scale(greatest: u32) -> u32 {
  let power = min(greatest & 0x7f800000u, 0x7e800000u);
  return select(power, 0x3f800000u, power == 0u);
}

// Its reciprocal, by its bits: the exponents of a number and its reciprocal add up to 254.
fn reciprocal_scale(greatest: u32) -> f32 {
  return bitcast<f32>(0x7f000000u - magnitude_scale(greatest));
}
