// The output, rows of N columns, element by element.
@group(0) @binding(2) var<storage, read_write> c: array<f32>;

fn store(m: u32, n: u32, value: vec4<f32>) {
  let i = m * N + n;
  let x = flush4(value);
  if (n < N) {
    c[i] = finish(i, x.x);
  }
  if (n + 1u < N) {
    c[i + 1u] = finish(i + 1u, x.y);
  }
  if (n + 2u < N) {
    c[i + 2u] = finish(i + 2u, x.z);
  }
  if (n + 3u < N) {
    c[i + 3u] = finish(i + 3u, x.w);
  }
}
