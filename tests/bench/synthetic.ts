/** Numbers and images to time with; their values do not matter, only that they are not all alike. */
import { type Dataset, type DatasetName, DATASETS, type Images } from "../../core/data/dataset.ts";

/** `length` numbers in -1 to 1. */
export function numbers(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.imul(i + 1, 0x9e3779b1) / 2 ** 31);
}

/** Images in the form of a data set. */
export function syntheticImages(name: DatasetName, train: number, test: number): Dataset {
  const { shape, classes } = DATASETS[name];
  const pixels = shape[0] * shape[1] * shape[2];
  return {
    name,
    source: "stand-in",
    digest: "",
    shape,
    classes: Array.from({ length: classes }, (_, i) => String(i)),
    train: images(train, pixels, classes),
    test: images(test, pixels, classes),
    description: "noise",
  };
}

function images(count: number, size: number, classes: number): Images {
  const pixels = Uint8Array.from(
    { length: count * size },
    (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24,
  );
  return { pixels, labels: Uint8Array.from({ length: count }, (_, i) => i % classes), count };
}
