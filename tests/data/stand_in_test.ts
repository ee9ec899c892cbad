import assert from "node:assert/strict";
import type { Dataset } from "../../core/data/dataset.ts";
import { cifar10StandIn } from "../../core/data/stand_in_cifar10.ts";
import { mnistStandIn } from "../../core/data/stand_in_mnist.ts";

const STAND_INS = [
  [
    "mnistStandIn()",
    mnistStandIn,
    "d5b5a6f9e4e794b9c15b5d8d399deb99aa1a33cec88ed143aa798b553bc37776",
    [28, 28, 1],
  ],
  [
    "cifar10StandIn()",
    cifar10StandIn,
    "a4fc638fb61ec361ab5249005c06c9badab12509b263b144d1ce6c2442996d1c",
    [32, 32, 3],
  ],
] as const;

/** The share of the first 200 test images whose nearest training image (squared distance) agrees. */
function nearestNeighbourAccuracy({ shape, train, test }: Dataset): number {
  const size = shape[0] * shape[1] * shape[2];
  const queries = 200;
  let right = 0;
  for (let q = 0; q < queries; q++) {
    let best = Infinity;
    let label = -1;
    for (let i = 0; i < train.count; i++) {
      let distance = 0;
      for (let k = 0; k < size && distance < best; k++) {
        const difference = test.pixels[q * size + k]! - train.pixels[i * size + k]!;
        distance += difference * difference;
      }
      if (distance < best) {
        best = distance;
        label = train.labels[i]!;
      }
    }
    if (label === test.labels[q]) right++;
  }
  return right / queries;
}

for (const [title, standIn, digest, shape] of STAND_INS) {
  Deno.test(`${title} draws the same bytes on every machine`, async () => {
    assert.equal((await standIn()).digest, digest);
  });

  Deno.test(`${title} draws 6,000 and 1,000 images, each class as often`, async () => {
    const data = await standIn();
    assert.deepEqual(data.shape, shape);
    for (const [images, count] of [[data.train, 6_000], [data.test, 1_000]] as const) {
      assert.equal(images.count, count);
      assert.equal(images.pixels.length, count * shape[0] * shape[1] * shape[2]);
      for (const label of data.classes.keys()) {
        assert.equal(images.labels.filter((l) => l === label).length, count / 10);
      }
    }
  });

  Deno.test(`${title} can be learned, but not by rote`, async () => {
    const accuracy = nearestNeighbourAccuracy(await standIn());
    assert.ok(accuracy > 0.35 && accuracy < 0.995, `nearest neighbour: ${accuracy}`);
  });
}
