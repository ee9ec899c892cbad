/**
 * A cell's checkpoint on the disk. A disk or a copy may flip a bit, and a net would be trained on
 * from it without a sign; so the file carries the digest of the checkpoint as it would be without
 * that digest, and who reads it checks. Files from before there was one, and other programs', lack
 * it and are taken as they are.
 */
import { sha256 } from "../../numerics/digest.ts";
import {
  type Checkpoint,
  CheckpointError,
  type CheckpointTensor,
  decodeSafetensors,
  encodeSafetensors,
} from "../../train/checkpoint.ts";
import type { Host } from "../host_interface.ts";

/** Where the digest stands in the metadata. */
const DIGEST = "sha256";

/**
 * Writes a checkpoint: the old one stays until the new one is whole.
 *
 * @throws {HostError} when it cannot be written.
 */
export async function saveCheckpoint(
  host: Host,
  path: string,
  tensors: readonly CheckpointTensor[],
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const digest = await sha256(encodeSafetensors(tensors, metadata));
  await host.writeAtomic(path, encodeSafetensors(tensors, { ...metadata, [DIGEST]: digest }));
}

/**
 * Reads a checkpoint.
 *
 * @throws {CheckpointError} when it is damaged.
 * @throws {HostError} when the file cannot be read.
 */
export async function readCheckpoint(
  host: Pick<Host, "files">,
  path: string,
): Promise<Checkpoint> {
  const checkpoint = decodeSafetensors(await host.files.read(path), path);
  const { [DIGEST]: expected, ...metadata } = checkpoint.metadata;
  if (expected === undefined) return checkpoint;
  const tensors = Array.from(checkpoint.tensors, ([name, tensor]) => ({ name, ...tensor }));
  const found = await sha256(fitting(path, () => encodeSafetensors(tensors, metadata)));
  if (found !== expected) {
    throw new CheckpointError(
      `${path}: expected the SHA-256 that it carries, ${expected.slice(0, 12)}, found ` +
        `${found.slice(0, 12)}. The file is damaged; take another copy, or remove it and run its ` +
        "cell anew.",
    );
  }
  return { ...checkpoint, metadata };
}

/**
 * Does something with the tensors of the checkpoint at `path`.
 *
 * @throws {CheckpointError} where `take` throws a TypeError, because they do not fit.
 */
export function fitting<T>(path: string, take: () => T): T {
  try {
    return take();
  } catch (error) {
    throw named(path, error);
  }
}

/** {@link fitting} for what takes them in its own time. */
export async function fittingLater<T>(path: string, take: () => Promise<T>): Promise<T> {
  try {
    return await take();
  } catch (error) {
    throw named(path, error);
  }
}

function named(path: string, error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  return new CheckpointError(`${path}: ${error.message}`, { cause: error });
}
