// The output, rows of N columns, by whole vectors: N is a multiple of four.
@group(0) @binding(2) var<storage, read_write> c: array<vec4<f32>>;

fn store(m: u32, n: u32, value: vec4<f32>) {
  if (n < N) {
    let i = m * N + n;
    let x = flush4(value);
    c[i >> 2u] = vec4<f32>(
      finish(i, x.x), finish(i + 1u, x.y), finish(i + 2u, x.z), finish(i + 3u, x.w),
    );
  }
}
