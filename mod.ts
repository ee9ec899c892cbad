/**
 * samebits: deep-learning experiments whose bits are the same on every run and every device.
 *
 * Everything an experiment module may use, and what it takes to load a trained net and predict.
 *
 * @module
 */
export { adversarial } from "./core/experiment/arms/adversarial.ts";
export { computation, type Inputs, type Results, supervised } from "./core/experiment/arms/arm.ts";
export type { Claim, Opponent, Pairing, Part } from "./core/experiment/claims/claim.ts";
export type { Change } from "./core/data/change.ts";
export { defineExperiment, type Experiment } from "./core/experiment/define.ts";
export type { MeasureDeclaration } from "./core/experiment/measures/measure.ts";
export type { Lab, Result } from "./core/experiment/cells/lab.ts";
export { nearestNeighbour } from "./core/experiment/arms/nearest_neighbour.ts";
export { timing } from "./core/experiment/arms/timing.ts";
export { transfer } from "./core/experiment/arms/transfer.ts";
export { gradients } from "./core/graph/gradients.ts";
export type { Graph } from "./core/graph/graph.ts";
export { leakyRelu, relu, selu, sigmoid, tanh } from "./core/nn/activations.ts";
export { batchNorm } from "./core/nn/batch_norm.ts";
export { conv2d } from "./core/nn/conv2d.ts";
export { conv2dTranspose } from "./core/nn/conv2d_transpose.ts";
export { dense } from "./core/nn/dense.ts";
export { describeNet, type LayerDescription, parameterCount } from "./core/nn/describe.ts";
export { dropout } from "./core/nn/dropout.ts";
export { foldBatchNorm, type NetTensors, type TrainedNet } from "./core/nn/fold.ts";
export { flatten } from "./core/nn/flatten.ts";
export { globalAveragePool } from "./core/nn/global_average_pool.ts";
export type { Weights } from "./core/nn/initialisers.ts";
export type { Layer, LayerDeclaration } from "./core/nn/layers.ts";
export { maxPool } from "./core/nn/max_pool.ts";
export { reshape } from "./core/nn/reshape.ts";
export { upsample } from "./core/nn/upsample.ts";
export * as ops from "./core/ops/mod.ts";
export type { Shape, Value } from "./core/ops/op.ts";
export { adam } from "./core/optim/adam.ts";
export { rmsprop } from "./core/optim/rmsprop.ts";
export { sgd } from "./core/optim/sgd.ts";
export { type LoadedNet, loadNet, type LoadOptions } from "./core/experiment/cells/load_net.ts";
