/** Who takes part: this project on each of its devices, and the peers. */
import type { Device } from "../../core/device/device.ts";
import { ours } from "./ours.ts";
import { PeerProcess } from "./peer_process.ts";
import { oursOnly } from "./tasks.ts";
import type { Entrant } from "./turns.ts";

const HERE = import.meta.dirname!;
const DENO = ["run", "--quiet", "--no-prompt", `--config=${HERE}/deno.json`];

/** The names, which the table of ratios compares by. */
export const NAMES = {
  webgpu: "samebits webgpu",
  cpu: "samebits cpu",
  jax: "jax-js webgpu",
  jaxWasm: "jax-js wasm",
  tensorflow: "TensorFlow.js webgpu",
  torch: "PyTorch",
  torchGpu: "PyTorch GPU",
  torchTf32: "PyTorch GPU TF32",
} as const;

/** This project on a device, or the reason why the device did not open. */
export function ourEntrant(kind: Device["info"]["kind"], device: Device | Error): Entrant {
  return {
    name: NAMES[kind],
    start: () => device instanceof Error ? Promise.reject(device) : Promise.resolve(ours(device)),
  };
}

/** All peers; PyTorch also on the GPU where our adapter is one, in plain f32 and in TF32. */
export function peerEntrants(onGpu: boolean): Entrant[] {
  // -B: leaves no compiled files among the sources.
  const torch = ["-B", `${HERE}/peers/pytorch.py`];
  return [
    peer(NAMES.jax, "deno", [...DENO, `${HERE}/peers/jax.ts`, "webgpu"]),
    peer(NAMES.jaxWasm, "deno", [...DENO, `${HERE}/peers/jax.ts`, "wasm"]),
    peer(NAMES.tensorflow, "deno", [...DENO, `${HERE}/peers/tensorflow.ts`]),
    peer(NAMES.torch, "python3", [...torch, "cpu"]),
    ...onGpu
      ? [
        peer(NAMES.torchGpu, "python3", [...torch, "gpu"]),
        peer(NAMES.torchTf32, "python3", [...torch, "gpu", "tf32"]),
      ]
      : [],
  ];
}

function peer(name: string, command: string, args: readonly string[]): Entrant {
  return {
    name,
    excused: (task) => oursOnly(task) ? "only our own speed is measured here" : undefined,
    start: () => PeerProcess.start(command, args),
  };
}
