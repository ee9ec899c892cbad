// Gathers records of bytes into images: element f of image i is byte f of record indices[i], as the
// table of its channel has it. There are TABLES tables of 256 values, one or as many as channels; the
// channel being the last axis, that of element f is table f % TABLES either way.
// Records are little-endian u32 words, WORDS a record, in shards of PER_SHARD records each, because
// a binding has a size limit. An index beyond the last record (a masked row) gives zeros.
@group(0) @binding(0) var<storage, read> indices: array<u32>;
@group(0) @binding(1) var<storage, read> table: array<f32>;
//% for s in 0..SHARDS
@group(0) @binding(2u + ${s}u) var<storage, read> shard${s}: array<u32>;
//% end
@group(0) @binding(2u + SHARDS) var<storage, read_write> y: array<f32>;

fn word(record: u32, offset: u32) -> u32 {
  let shard = record / PER_SHARD;
  let at = record % PER_SHARD * WORDS + offset;
  //% for s in 0..SHARDS
  if (shard == ${s}u) {
    return shard${s}[at];
  }
  //% end
  return 0u;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  if (i >= COUNT) {
    return;
  }
  let record = indices[i / FEATURES];
  let feature = i % FEATURES;
  if (record >= RECORDS) {
    y[i] = 0.0;
    return;
  }
  let byte = word(record, feature / 4u) >> (8u * (feature % 4u)) & 255u;
  y[i] = table[feature % TABLES * 256u + byte];
}
