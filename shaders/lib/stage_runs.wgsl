// Stages operand a of product.wgsl: four products of one row at a time, RUN of which are sure to be
// neighbours in a.
fn b_row(k: u32) -> u32 {
  return tap(k / LENGTH) * LENGTH + k % LENGTH;
}

fn stage(slot: u32, block_m: u32, first_k: u32, end: u32) {
  let m = slot / (DEPTH / 4u);
  let found = row(first_k / CHUNK * M + min(block_m + m, M - 1u));
  let in_turn = slot % (DEPTH / 4u) * 4u;
  var values = vec4<f32>(contract.zero);
  //% for q in 0..RUNS
  {
    let k = first_k + in_turn + ${q}u * RUN;
    let first = start(found, k / LENGTH);
    let inside = (k < end) & (!PADDED | (first != OUTSIDE));
    let read = run(select(0u, first + k % LENGTH, inside));
    //% for u in 0..RUN
    values[${q}u * RUN + ${u}u] = select(contract.zero, read[${u}], inside);
    //% end
  }
  //% end
  //% for u in 0..4
  a_tile[(in_turn + ${u}u) * (BLOCK_M / 4u) + m / 4u][m % 4u] = values[${u}];
  //% end
}
