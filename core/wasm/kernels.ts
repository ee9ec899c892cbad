/** All kernels: what this module exports, an op's phases may call. */
export { gemm } from "./gemm";
export { pack } from "./pack";
export { pad } from "./pad";
