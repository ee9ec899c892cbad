// Operand a where four rows, from a multiple of four on, are neighbours.
@group(0) @binding(0) var<storage, read> a: array<vec4<f32>>;

fn four(
  row0: vec4<u32>, _row1: vec4<u32>, _row2: vec4<u32>, _row3: vec4<u32>,
  place: vec4<u32>, live: bool,
) -> vec4<f32> {
  let first = at(row0, place);
  let inside = live & (!PADDED | (first != OUTSIDE));
  return select(vec4<f32>(contract.zero), a[select(0u, first, inside) >> 2u], inside);
}
