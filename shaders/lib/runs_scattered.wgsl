// Operand a element by element: runs of RUN products begin anywhere.
@group(0) @binding(0) var<storage, read> a: array<f32>;

fn run(at: u32) -> vec4<f32> {
  var values = vec4<f32>();
  //% for u in 0..RUN
  values[${u}] = a[at + ${u}u];
  //% end
  return values;
}
