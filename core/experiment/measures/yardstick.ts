/** The weights of a yardstick, out of the lock of the experiment that trained it. */
import { digestOfFloats } from "../../numerics/digest.ts";
import type { Checkpoint } from "../../train/checkpoint.ts";
import { joined } from "../../train/net_state.ts";
import type { Yardstick } from "../arms/adversarial.ts";
import { readCheckpoint } from "../cells/checkpoint_file.ts";
import { DeclarationError } from "../declaration_error.ts";
import type { Host } from "../host_interface.ts";
import { FILES } from "../records/record.ts";

/** A yardstick's tensors by name, and the file that they are from. */
export interface YardstickWeights {
  readonly path: string;
  readonly tensors: Checkpoint["tensors"];
}

/**
 * Reads a yardstick's weights.
 *
 * @param experiments the folder of all experiments.
 * @throws {DeclarationError} when there are none, or others than the arm names by their digest.
 * @throws {CheckpointError} when they are damaged.
 */
export async function readYardstick(
  host: Host,
  experiments: string,
  { experiment, cell, weights }: Yardstick,
): Promise<YardstickWeights> {
  const path = `${experiments}/${experiment}/locked/${cell}/${FILES.checkpoint}`;
  if (!await host.exists(path)) {
    throw new DeclarationError(
      `${path}: the yardstick's weights are not there; train and lock it: deno task experiment ` +
        `${experiment} --preset standard --lock`,
    );
  }
  const { tensors } = await readCheckpoint(host, path);
  const data = Array.from(tensors.values(), ({ data }) => data);
  const floats = data.filter((values) => values instanceof Float32Array);
  const found = await digestOfFloats(joined(floats));
  if (floats.length < data.length || found !== weights) {
    throw new DeclarationError(
      `${path}: expected the yardstick's weights of digest ${weights.slice(0, 12)}, found ` +
        `${found.slice(0, 12)}; put those back that it was declared with, or declare this one`,
    );
  }
  return { path, tensors };
}
