/** All ops that a computation may emit. */
export { add, multiply, scalar, scale, subtract } from "./arithmetic.ts";
export { conv2d } from "./conv2d.ts";
export { correct } from "./correct.ts";
export { distances } from "./distances.ts";
export { gather } from "./gather.ts";
export { matmul } from "./matmul.ts";
export { maxMagnitude } from "./max_magnitude.ts";
export { maxPool } from "./max_pool.ts";
export { mean } from "./mean.ts";
export { nearest } from "./nearest.ts";
export { random } from "./random.ts";
export { relu } from "./relu.ts";
export { sigmoid } from "./sigmoid.ts";
export { softmax } from "./softmax.ts";
export { softmaxCrossEntropy } from "./softmax_cross_entropy.ts";
export { sum } from "./sum.ts";
export { transpose } from "./transpose.ts";
