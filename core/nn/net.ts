/**
 * A net under construction: the graph it is emitted into and the parameters it declares. A declared
 * net is a list of layers, each a plain object; `applyNet` emits them one after the other.
 */
import type { Graph } from "../graph/graph.ts";
import type { Shape, Value } from "../ops/op.ts";
import { type Initialiser, type Weights, weightsInitialiser } from "./initialisers.ts";
import { Parameters } from "./parameters.ts";

/** Names of the flat states that a net lies in. */
export const FLAT = {
  parameters: "parameters",
  statistics: "statistics",
  gradients: "gradients",
} as const;

/**
 * What a net is emitted for. `training`: a batch normalisation takes the batch's own moments, its
 * running ones follow them, and dropout drops. `passing`: the same, but the running moments stay,
 * as where a gradient only passes through a net on its way to another. `inference`: the running
 * moments, and nothing is dropped.
 */
export type Mode = "training" | "passing" | "inference";

/** What a layer draws random numbers with: a stream's key u32 [2] and the training step u32 [1]. */
export interface Noise {
  readonly key: Value;
  readonly step: Value;
}

/** What a layer emits itself into. */
export class Net {
  /** The parameters' values by name, in order of use, for gradients. */
  readonly used: Map<string, Value>;
  readonly mode: Mode;
  readonly statistics: Parameters;
  readonly #weights: Weights | undefined;
  readonly #noise: ((name: string) => Noise) | undefined;
  readonly #begun: string;

  /**
   * Its layers are named within the scope that it is begun in: a net that is emitted a second time,
   * in a scope of its own, has the same parameters.
   *
   * @param options.weights where the weights of layers start that declare nothing themselves.
   * @param options.statistics numbers that follow the batches instead of a gradient.
   * @param options.noise the stream of a layer by its name, where a layer may draw from one.
   * @param options.used values of parameters that were emitted before.
   */
  constructor(
    readonly graph: Graph,
    readonly parameters: Parameters,
    {
      mode = "inference",
      statistics = new Parameters(parameters.owner),
      weights,
      noise,
      used = new Map(),
    }: {
      readonly mode?: Mode;
      readonly weights?: Weights | undefined;
      readonly statistics?: Parameters;
      readonly noise?: ((name: string) => Noise) | undefined;
      readonly used?: Map<string, Value>;
    } = {},
  ) {
    this.mode = mode;
    this.statistics = statistics;
    this.used = used;
    this.#weights = weights;
    this.#noise = noise;
    this.#begun = graph.path;
  }

  /** The same net, the values of its parameters and all, to be emitted for something else. */
  as(mode: Mode): Net {
    const { graph, parameters, statistics, used } = this;
    const [weights, noise] = [this.#weights, this.#noise];
    return new Net(graph, parameters, { mode, statistics, weights, noise, used });
  }

  /** The value of a parameter of the layer that is being emitted, declared if it is new. */
  parameter(role: string, shape: Shape, initialiser: Initialiser): Value {
    const name = `${this.#layer}/${role}`;
    const known = this.used.get(name);
    const { offset } = this.parameters.declare(name, shape, initialiser);
    if (known) return known;
    const value = this.graph.leaf(this.parameters.state(FLAT.parameters), shape, offset);
    this.used.set(name, value);
    return value;
  }

  /**
   * The weights of the layer that is being emitted, of which `fanIn` products add up to one output;
   * they start as the layer declares, or as the net does.
   */
  weights(shape: Shape, fanIn: number, declared: Weights | undefined): Value {
    const initialiser = weightsInitialiser(declared ?? this.#weights, fanIn);
    return this.parameter("weights", shape, initialiser);
  }

  /**
   * A statistic of the layer that is being emitted, declared if it is new, as it stands in its state:
   * an op's effect may update it there.
   */
  statistic(role: string, shape: Shape, initialiser: Initialiser): Value {
    const { offset } = this.statistics.declare(`${this.#layer}/${role}`, shape, initialiser);
    return this.graph.leaf(this.statistics.state(FLAT.statistics), shape, offset);
  }

  /**
   * What the layer that is being emitted draws with.
   *
   * @throws {TypeError} where the program draws nothing.
   */
  noise(): Noise {
    if (!this.#noise) throw new TypeError(`${this.graph.path}: this program has no random streams`);
    return this.#noise(this.#layer);
  }

  /** The name of the layer that is being emitted. */
  get #layer(): string {
    const { path } = this.graph;
    return this.#begun === "" ? path : path.slice(this.#begun.length + 1);
  }
}
