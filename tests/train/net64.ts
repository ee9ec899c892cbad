/** A small net in training, in f64 and as plainly as can be: outputs of its layers, loss, gradient. */
import type { Layer } from "../../core/nn/layers.ts";
import { stream, uniform } from "../../core/random/streams.ts";

/** Numbers in their shape, channels last. */
export interface Tensor64 {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** Parameters by name. */
export type Parameters64 = ReadonlyMap<string, Tensor64>;

/** What a step sees and draws. */
export interface Step64 {
  /** [batch, height, width, channels]. */
  readonly images: Tensor64;
  readonly labels: readonly number[];
  readonly seed: number;
  readonly step: number;
}

/** The layers' outputs by name, the last one's as logits, and the mean cross-entropy. */
export function pass64(net: readonly Layer[], parameters: Parameters64, seen: Step64) {
  const outputs = new Map<string, Tensor64>();
  const counts = new Map<string, number>();
  let x = seen.images;
  for (const layer of net) {
    const count = (counts.get(layer.layer) ?? 0) + 1;
    counts.set(layer.layer, count);
    const name = `${layer.layer}${count}`;
    x = apply(layer, name, x, (role) => parameters.get(`${name}/${role}`), seen);
    outputs.set(name, x);
  }
  const classes = x.shape[1]!;
  const loss = seen.labels.reduce((sum, label, i) => {
    const row = x.data.slice(i * classes, (i + 1) * classes);
    return sum + Math.log(row.reduce((all, y) => all + Math.exp(y - row[label]!), 0));
  }, 0) / seen.labels.length;
  return { outputs, loss };
}

/** The loss's gradient by central differences. */
export function gradient64(
  net: readonly Layer[],
  parameters: Parameters64,
  seen: Step64,
): Parameters64 {
  const step = 1e-5;
  return new Map(Array.from(parameters, ([name, { shape, data }]) => {
    const along = data.map((value, i) => {
      const at = (x: number) => {
        const moved = { shape, data: data.with(i, x) };
        return pass64(net, new Map(parameters).set(name, moved), seen).loss;
      };
      return (at(value + step) - at(value - step)) / (2 * step);
    });
    return [name, { shape, data: along }];
  }));
}

function apply(
  layer: Layer,
  name: string,
  { shape, data }: Tensor64,
  parameter: (role: string) => Tensor64 | undefined,
  { seed, step }: Step64,
): Tensor64 {
  const elementwise = (f: (x: number, i: number) => number) => ({ shape, data: data.map(f) });
  switch (layer.layer) {
    case "flatten":
      return { shape: [shape[0]!, data.length / shape[0]!], data };
    case "sigmoid":
      return elementwise((x) => 1 / (1 + Math.exp(-x)));
    case "relu":
      return elementwise((x) => Math.max(0, x));
    case "dropout": {
      const source = stream(seed, `noise/${name}`);
      const { rate } = layer;
      return elementwise((x, i) => uniform(source, step, i) < rate ? 0 : x / (1 - rate));
    }
    case "dense": {
      const { shape: [features, units], data: weights } = parameter("weights")!;
      const bias = parameter("bias")?.data;
      const rows = data.length / features!;
      return {
        shape: [rows, units!],
        data: Array.from({ length: rows * units! }, (_, i) => {
          const [row, unit] = [Math.floor(i / units!), i % units!];
          let sum = bias?.[unit] ?? 0;
          for (let k = 0; k < features!; k++) {
            sum += data[row * features! + k]! * weights[k * units! + unit]!;
          }
          return sum;
        }),
      };
    }
    case "batchNorm": {
      const [gamma, beta] = [parameter("gamma")!.data, parameter("beta")!.data];
      const channels = gamma.length;
      const moments = gamma.map((_, channel) => moments64(data, channels, channel));
      return elementwise((x, i) => {
        const { mean, variance } = moments[i % channels]!;
        const normal = (x - mean) / Math.sqrt(variance + layer.epsilon);
        return normal * gamma[i % channels]! + beta[i % channels]!;
      });
    }
    case "conv2d": {
      const { shape: [side, , inputs, filters], data: weights } = parameter("weights")!;
      const bias = parameter("bias")?.data;
      const [batch, height, width] = shape as [number, number, number];
      const [rows, columns] = [height - side! + 1, width - side! + 1];
      const to = [batch, rows, columns, filters!];
      const all = Array.from({ length: batch * rows * columns * filters! }, (_, i) => {
        const filter = i % filters!;
        const [column, row] = [
          Math.floor(i / filters!) % columns,
          Math.floor(i / filters! / columns) % rows,
        ];
        const image = Math.floor(i / filters! / columns / rows);
        let sum = bias?.[filter] ?? 0;
        for (let tap = 0; tap < side! * side! * inputs!; tap++) {
          const [dy, dx] = [
            Math.floor(tap / inputs! / side!),
            Math.floor(tap / inputs!) % side!,
          ];
          const at = ((image * height + row + dy) * width + column + dx) * inputs! + tap % inputs!;
          sum += data[at]! * weights[tap * filters! + filter]!;
        }
        return sum;
      });
      return { shape: to, data: all };
    }
    default:
      throw new TypeError(`${layer.layer}: not here`);
  }
}

/** Mean and biased variance of a channel. */
export function moments64(data: readonly number[], channels: number, channel: number) {
  const own = data.filter((_, i) => i % channels === channel);
  const mean = own.reduce((sum, x) => sum + x, 0) / own.length;
  return { mean, variance: own.reduce((sum, x) => sum + (x - mean) ** 2, 0) / own.length };
}
