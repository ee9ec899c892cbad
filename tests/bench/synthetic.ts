/** Numbers and images to time with; their values do not matter, only that they are not all alike. */
import type { Dataset, Images } from "../../core/data/dataset.ts";

/** `length` numbers in -1 to 1. */
export function numbers(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.imul(i + 1, 0x9e3779b1) / 2 ** 31);
}

/** Images in the form of CIFAR-10. */
export function syntheticImages(train: number, test: number): Dataset {
  return {
    name: "cifar10",
    source: "stand-in",
    digest: "",
    shape: [32, 32, 3],
    classes: Array.from({ length: 10 }, (_, i) => String(i)),
    train: images(train),
    test: images(test),
    description: "noise",
  };
}

function images(count: number): Images {
  const pixels = Uint8Array.from(
    { length: count * 32 * 32 * 3 },
    (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24,
  );
  return { pixels, labels: Uint8Array.from({ length: count }, (_, i) => i % 10), count };
}
