// Operand a where every run of four products begins at a multiple of four.
@group(0) @binding(0) var<storage, read> a: array<vec4<f32>>;

fn run(at: u32) -> vec4<f32> {
  return a[at >> 2u];
}
