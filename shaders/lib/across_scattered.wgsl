// Operand a element by element: rows lie anywhere.
@group(0) @binding(0) var<storage, read> a: array<f32>;

fn one(row: vec4<u32>, place: vec4<u32>, live: bool) -> f32 {
  let found = at(row, place);
  let inside = live & (!PADDED | (found != OUTSIDE));
  return select(contract.zero, a[select(0u, found, inside)], inside);
}

fn four(
  row0: vec4<u32>, row1: vec4<u32>, row2: vec4<u32>, row3: vec4<u32>,
  place: vec4<u32>, live: bool,
) -> vec4<f32> {
  return vec4<f32>(
    one(row0, place, live), one(row1, place, live), one(row2, place, live), one(row3, place, live),
  );
}
