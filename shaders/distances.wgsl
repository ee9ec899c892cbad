// Distances of QUERIES to RECORDS of WORDS words, four bytes each: the sum of |a - b|, or of
// (a - b)^2 where SQUARED, over the bytes. An invocation computes TILE x TILE of them, a workgroup
// of SIDE x SIDE invocations a block; the words that it needs pass through workgroup memory, DEPTH
// at a time, so that neighbours read neighbouring words.
//
// For GPUs, and not measured on one yet; lavapipe would take two thirds of the time without workgroup
// memory.
//
// Order: none; integers add up to the same in any.
const BLOCK = TILE * SIDE;
const DEPTH = 16u;
// One more than a block, so that neither writing nor reading meets in few banks of memory.
const PITCH = BLOCK + 1u;

@group(0) @binding(0) var<storage, read> queries: array<u32>;
@group(0) @binding(1) var<storage, read> records: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

var<workgroup> query_words: array<u32, DEPTH * PITCH>;
var<workgroup> record_words: array<u32, DEPTH * PITCH>;

fn bytes(word: u32) -> vec4<i32> {
  return vec4<i32>((vec4<u32>(word) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(255u));
}

fn apart(a: vec4<i32>, b: vec4<i32>) -> vec4<u32> {
  let difference = abs(a - b);
  return vec4<u32>(select(difference, difference * difference, SQUARED));
}

fn store(query: u32, record: u32, sum: vec4<u32>) {
  if (query < QUERIES && record < RECORDS) {
    y[query * RECORDS + record] = sum.x + sum.y + sum.z + sum.w;
  }
}

@compute @workgroup_size(SIDE, SIDE)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let first_query = group.y * BLOCK;
  let first_record = group.x * BLOCK;
  //% for q in 0..TILE
  //% for r in 0..TILE
  var sum${q}_${r} = vec4<u32>(0u);
  //% end
  //% end
  for (var first = 0u; first < WORDS; first += DEPTH) {
    for (var slot = index; slot < BLOCK * DEPTH; slot += SIDE * SIDE) {
      let row = slot / DEPTH;
      let word = first + slot % DEPTH;
      // Beyond the last word both have zeros; what is beyond the last row is not stored.
      let at = min(word, WORDS - 1u);
      let query = queries[min(first_query + row, QUERIES - 1u) * WORDS + at];
      let record = records[min(first_record + row, RECORDS - 1u) * WORDS + at];
      query_words[slot % DEPTH * PITCH + row] = select(0u, query, word < WORDS);
      record_words[slot % DEPTH * PITCH + row] = select(0u, record, word < WORDS);
    }
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      //% for r in 0..TILE
      let b${r} = bytes(record_words[k * PITCH + ${r}u * SIDE + local.x]);
      //% end
      //% for q in 0..TILE
      let a${q} = bytes(query_words[k * PITCH + ${q}u * SIDE + local.y]);
      //% for r in 0..TILE
      sum${q}_${r} += apart(a${q}, b${r});
      //% end
      //% end
    }
    workgroupBarrier();
  }
  //% for q in 0..TILE
  //% for r in 0..TILE
  store(first_query + ${q}u * SIDE + local.y, first_record + ${r}u * SIDE + local.x, sum${q}_${r});
  //% end
  //% end
}
