// The logit of each row's label less the greatest other one, the lowest class among equals; a label
// that is no class (a masked row) has margin 0.
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> margins: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * ROW + id.x;
  if (row >= COUNT) {
    return;
  }
  let base = row * CLASSES;
  let label = labels[row];
  let own = logits[base + min(label, CLASSES - 1u)];
  let margin = flush(own - logits[base + strongest_other(base, label)]);
  margins[row] = select(0.0, margin, label < CLASSES);
}
