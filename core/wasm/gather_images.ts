/** Images gathered from byte records, each byte by the table of its channel. */
import { argument } from "./lib";

/**
 * Units are images of the result. Arguments: indices, table, y, bytes of an image, bytes of a
 * record, records, records of a shard, tables, shards.
 */
export function gather_images(args: usize, from: i32, to: i32): void {
  const table = argument(args, 1);
  const features = argument(args, 3);
  const perShard = <u32>argument(args, 6);
  const last = table + (argument(args, 7) << 10);
  let y = argument(args, 2) + from * (features << 2);
  for (let i = from; i < to; i++) {
    const record = load<u32>(argument(args, 0) + (<usize>i << 2));
    const end = y + (features << 2);
    if (record >= <u32>argument(args, 5)) {
      memory.fill(y, 0, end - y);
      y = end;
      continue;
    }
    let byte = argument(args, 8 + record / perShard) + record % perShard * argument(args, 4);
    for (let own = table; y < end; y += 4, byte++) {
      store<f32>(y, load<f32>(own + (<usize>load<u8>(byte) << 2)));
      own += 1024;
      if (own == last) own = table;
    }
  }
}
