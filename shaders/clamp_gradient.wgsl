// Gradient of clamp from its input: passes from FROM to TO, both included.
fn apply(dy: f32, x: f32) -> f32 {
  return select(0.0, dy, x >= FROM && x <= TO);
}
