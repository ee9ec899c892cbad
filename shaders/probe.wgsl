// What the adapter does with plain arithmetic, one answer per invocation and quantity:
// row 0: mul-add in the spelling at hand        row 3: plain a * b + c (fused?)
// row 1: a chain of three, newest product last   row 4: (a + b) - b     (reassociated?)
// row 2: mul(a,b) + mul(c,a) with a barrier      row 5: a * tiny        (subnormals kept?)
// row 6: chains of vec4 in a loop, as the products' kernels have them
@group(0) @binding(0) var<storage, read> input: array<f32>;
@group(0) @binding(1) var<storage, read_write> output: array<f32>;

fn four(first: u32) -> vec4<f32> {
  return vec4<f32>(
    input[first & (COUNT - 1u)],
    input[(first + 1u) & (COUNT - 1u)],
    input[(first + 2u) & (COUNT - 1u)],
    input[(first + 3u) & (COUNT - 1u)],
  );
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  let a = input[i];
  let b = input[COUNT + i];
  let c = input[2u * COUNT + i];
  let tiny = input[3u * COUNT + i];
  output[i] = c + mul(a, b);
  var s = contract.zero;
  s = s + mul(a, b);
  s = s + mul(b, c);
  s = s + mul(c, a);
  output[COUNT + i] = s;
  output[2u * COUNT + i] = barrier(a * b) + mul(c, a);
  output[3u * COUNT + i] = a * b + c;
  output[4u * COUNT + i] = (a + b) - b;
  output[5u * COUNT + i] = a * tiny;
  var sums = vec4<f32>(contract.zero);
  for (var k = 0u; k < CHAIN; k += 4u) {
    let run = four(i + k);
    sums = sums + mul4(vec4<f32>(run[0]), four(4u * k));
    sums = sums + mul4(vec4<f32>(run[1]), four(4u * k + 4u));
    sums = sums + mul4(vec4<f32>(run[2]), four(4u * k + 8u));
    sums = sums + mul4(vec4<f32>(run[3]), four(4u * k + 12u));
  }
  output[6u * COUNT + i] = sums[i & 3u];
}
