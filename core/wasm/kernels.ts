/**
 * All kernels: what this module exports, an op's phases may call. AssemblyScript, of which Deno's
 * tools would remove the decorators; `deno task wasm` builds it.
 *
 * Milliseconds in the headers are of a training step of experiments/cnn's reference arm at batch 64,
 * on two threads of a Xeon (Sapphire Rapids, 2.6 GHz), after those of the TypeScript reference.
 */
export { adam } from "./adam";
export {
  batch_norm,
  batch_norm_input_gradient,
  batch_norm_sums,
  squared_deviations,
} from "./batch_norm";
export { distances_l1, distances_l2, own_l1, own_l2 } from "./distances";
export { dropout } from "./dropout";
export { add, copy, multiply, relu, relu_gradient, subtract } from "./elementwise";
export { leaky_relu, leaky_relu_gradient } from "./elementwise";
export { sigmoid, sigmoid_gradient, tanh, tanh_gradient } from "./elementwise";
export { gather_images } from "./gather_images";
export { gemm } from "./gemm";
export { max_magnitude } from "./max_magnitude";
export { max_pool, max_pool_gradient } from "./max_pool";
export { pack } from "./pack";
export { pad } from "./pad";
export { random_normal, random_uniform } from "./random";
export { rmsprop } from "./rmsprop";
export { sum_chunks, sum_tree } from "./sum";
export { transpose } from "./transpose";
export { upsample, upsample_gradient } from "./upsample";
