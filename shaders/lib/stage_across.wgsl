// Stages operand a of product_across.wgsl: four rows of one product at a time.
fn b_row(k: u32) -> u32 {
  return k;
}

fn stage(slot: u32, block_m: u32, first_k: u32, end: u32) {
  let k = first_k + slot / (BLOCK_M / 4u);
  let m = block_m + slot % (BLOCK_M / 4u) * 4u;
  //% for r in 0..4
  let row${r} = row(min(m + ${r}u, M - 1u));
  //% end
  a_tile[slot] = four(row0, row1, row2, row3, place(min(k, K - 1u)), k < end);
}
