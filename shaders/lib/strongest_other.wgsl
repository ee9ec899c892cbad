// The class other than the label whose logit is greatest, the lowest among equals, of the row of the
// op's `logits`, CLASSES from `base` on; twin of strongestOther() in core/ops/margin.ts.
fn strongest_other(base: u32, label: u32) -> u32 {
  var best = select(0u, 1u, label == 0u);
  for (var j = best + 1u; j < CLASSES; j++) {
    best = select(best, j, j != label && logits[base + j] > logits[base + best]);
  }
  return best;
}
