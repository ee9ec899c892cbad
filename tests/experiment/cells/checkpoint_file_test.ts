import assert from "node:assert/strict";
import { readCheckpoint, saveCheckpoint } from "../../../core/experiment/cells/checkpoint_file.ts";
import { denoHost } from "../../../core/experiment/host.ts";
import { CheckpointError, encodeSafetensors } from "../../../core/train/checkpoint.ts";
import { testInFolder } from "../tiny.ts";

const TENSORS = [
  { name: "dense1/weights", shape: [2, 2], data: Float32Array.of(0.5, -0, 1e-40, -2) },
  { name: "first moment/dense1/weights", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
];
const METADATA = { config: "0123", progress: '{"step":200}' };

/** What is read of a file of these bytes. */
function read(bytes: Uint8Array<ArrayBuffer>) {
  const files = { read: () => Promise.resolve(bytes), size: () => Promise.resolve(bytes.length) };
  return readCheckpoint({ files }, "runs/cell/checkpoint.safetensors");
}

testInFolder("readCheckpoint() gives back what saveCheckpoint() was given", async (folder) => {
  const path = `${folder}/checkpoint.safetensors`;
  await saveCheckpoint(denoHost, path, TENSORS, METADATA);
  const { tensors, metadata } = await readCheckpoint(denoHost, path);
  assert.deepEqual(Array.from(tensors, ([name, tensor]) => ({ name, ...tensor })), TENSORS);
  assert.deepEqual(metadata, METADATA);
});

testInFolder("readCheckpoint() finds every flipped bit of a checkpoint", async (folder) => {
  const path = `${folder}/checkpoint.safetensors`;
  await saveCheckpoint(denoHost, path, TENSORS, METADATA);
  const whole = await readCheckpoint(denoHost, path);
  const bytes = await denoHost.files.read(path);
  let unseen = 0;
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    try {
      const { tensors, metadata } = await read(flipped);
      // Without the name of the digest there is none; then all the rest is sound.
      unseen++;
      assert.deepEqual(tensors, whole.tensors);
      assert.partialDeepStrictEqual(metadata, METADATA);
    } catch (error) {
      assert.ok(error instanceof CheckpointError, String(error));
      assert.match(error.message, /^runs\/cell\/checkpoint\.safetensors: [^\n]+$/);
    }
  }
  assert.ok(unseen <= "sha256".length * 8, `${unseen}`);
});

Deno.test("readCheckpoint() says what it expected of a damaged checkpoint, and what to do", async () => {
  const bytes = encodeSafetensors(TENSORS, { ...METADATA, sha256: "0".repeat(64) });
  await assert.rejects(read(bytes), {
    name: "CheckpointError",
    message: new RegExp(
      "^runs/cell/checkpoint.safetensors: expected the SHA-256 that it carries, 000000000000, " +
        "found [0-9a-f]{12}. The file is damaged; take another copy, or remove it and run its " +
        "cell anew.$",
    ),
  });
});

Deno.test("readCheckpoint() takes a checkpoint that carries no digest as it is", async () => {
  const { tensors, metadata } = await read(encodeSafetensors(TENSORS, METADATA));
  assert.equal(tensors.size, 2);
  assert.deepEqual(metadata, METADATA);
});
