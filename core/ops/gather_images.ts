/** Batches of images gathered on the device from byte records. */
import wgsl from "../../shaders/gather_images.wgsl" with { type: "text" };
import type { View } from "../device/program.ts";
import { linear } from "./dispatch.ts";
import { expectRank, type Op, type Shape, ShapeError, show, size, type Value } from "./op.ts";
import { fill } from "./template.ts";

/** How the records lie in their shards. */
export interface GatherImagesAttributes {
  /** One image: [height, width, channels]. */
  readonly image: Shape;
  /** Records in all shards together. */
  readonly records: number;
  /** Records in every shard but the last. */
  readonly perShard: number;
}

/**
 * Images [batch, height, width, channels] at `indices` u32 [batch] among byte records, each byte k
 * as table[0, k] (f32 [1, 256]), or of channel c as table[c, k] (f32 [channels, 256]). An index from
 * `records` up gives an image of zeros.
 *
 * @param shards u32 words, little-endian, a record padded to whole words.
 * @throws {ShapeError} when the table is not of one of these shapes or the shards do not hold the records.
 */
export function gatherImages(
  indices: Value,
  table: Value,
  shards: readonly Value[],
  attributes: GatherImagesAttributes,
): Value {
  return indices.builder.apply(gatherImagesOp, [indices, table, ...shards], attributes);
}

/** u32 words of one record. */
export function recordWords(image: Shape): number {
  return Math.ceil(size(image) / 4);
}

/** The op behind {@link gatherImages}. */
export const gatherImagesOp: Op<GatherImagesAttributes> = {
  name: "gather_images",
  infer([indices, table, ...shards], { image, records, perShard }) {
    expectRank("the indices", indices!, 1, "u32");
    expectRank("the table of byte values", table!, 2);
    const [tables, values] = table!.shape as [number, number];
    const channels = image.at(-1)!;
    if (values !== 256 || tables !== 1 && tables !== channels) {
      throw new ShapeError(
        `the table of byte values is ${
          show(table!.shape)
        }; it needs 256 values, for all channels ` +
          `([1, 256]) or for each ([${channels}, 256])`,
      );
    }
    const held = shards.reduce((sum, { shape }) => sum + size(shape), 0);
    if (shards.length !== Math.ceil(records / perShard) || held < records * recordWords(image)) {
      throw new ShapeError(
        `${shards.length} shards of ${held} words do not hold ${records} records`,
      );
    }
    return { shape: [indices!.shape[0]!, ...image], type: "f32" };
  },
  kernel([indices, table, ...shards], y, { image, records, perShard }) {
    const { workgroups, constants } = linear(size(y!.shape));
    const features = size(image);
    const words = recordWords(image);
    const tables = table!.shape[0]!;
    return {
      name: "gather_images",
      dispatch: () => ({
        wgsl: fill(wgsl, {
          ...constants,
          FEATURES: features,
          WORDS: words,
          RECORDS: records,
          PER_SHARD: perShard,
          SHARDS: shards.length,
          TABLES: tables,
        }),
        workgroups,
      }),
      bindings: [
        { type: "u32", access: "read" },
        { type: "f32", access: "read" },
        ...shards.map(() => ({ type: "u32", access: "read" } as const)),
        { type: "f32", access: "write" },
      ],
      reference(views: readonly View[]) {
        const [indices, table, ...rest] = views as [View, View, ...View[]];
        const y = rest.at(-1)!;
        indices.forEach((record, i) => {
          for (let f = 0; f < features; f++) {
            if (record >= records) {
              y[i * features + f] = 0;
              continue;
            }
            const shard = rest[Math.floor(record / perShard)]!;
            const word = shard[record % perShard * words + (f >> 2)]!;
            const byte = word >>> 8 * (f & 3) & 255;
            y[i * features + f] = table[256 * (f % tables) + byte]!;
          }
        });
      },
      simd: () => [{
        units: indices!.shape[0]!,
        work: size(y!.shape),
        calls: [{
          entry: "gather_images",
          arguments: [
            ...[{ binding: 0 }, { binding: 1 }, { binding: shards.length + 2 }],
            ...[features, words * 4, records, perShard, tables],
            ...shards.map((_, shard) => ({ binding: shard + 2 })),
          ],
        }],
      }],
    };
  },
};
