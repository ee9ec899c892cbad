// x, but no less than FROM and no more than TO; a NaN stays one.
fn apply(x: f32) -> f32 {
  return select(select(x, FROM, x < FROM), TO, x > TO);
}
