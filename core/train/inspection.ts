/**
 * The programs by which a net in supervised training is inspected before one of its steps: what its
 * layers put out over the step's batch, before the step and after it; the step's gradient and what it
 * changes; and how loss and gradient come out elsewhere along that gradient (Santurkar et al. 2018).
 * The gradient is the step's own, since the step itself is taken; everything that it moves is held
 * before and put back afterwards, so a training goes on to the bits that it would have come to.
 *
 * A pass of the net draws what the step draws and takes the batch's moments, as the step does, but
 * leaves the running ones alone.
 */
import { compile, type CompiledProgram } from "../graph/compile.ts";
import { Graph, type State } from "../graph/graph.ts";
import { FLAT } from "../nn/net.ts";
import { multiply, subtract } from "../ops/arithmetic.ts";
import { histogram } from "../ops/histogram.ts";
import { moments } from "../ops/moments.ts";
import { size } from "../ops/op.ts";
import { sumOfSquares } from "../ops/sum_of_squares.ts";
import type { NetState } from "./net_state.ts";
import { emitObjective } from "./objective.ts";
import { Sheet } from "./sheet.ts";
import type { Stores, SupervisedConfig } from "./supervised_config.ts";
import { emitGradients } from "./update.ts";
import { emitCursor } from "./window.ts";

/** What an inspection takes besides what it always takes. */
export interface InspectionConfig {
  /** How far to go against the gradient, as learning rates. */
  readonly landscape?: readonly number[] | undefined;
  /** How the outputs of all layers of a kind are spread over `bins` equal bins. */
  readonly histograms?: {
    readonly layers: string;
    readonly from: number;
    readonly to: number;
    readonly bins: number;
  } | undefined;
}

/** A program with the sheet that it fills. */
export interface Filling {
  readonly program: CompiledProgram;
  readonly sheet: Sheet;
}

/** Compiled programs that share the net's states. */
export interface InspectionPrograms {
  /** Names of all layers in order, and of those that learn. */
  readonly layers: readonly string[];
  readonly trained: readonly string[];
  /** Copies everything that a step moves to where no step moves it. */
  readonly hold: CompiledProgram;
  /** `<layer>/mean` and `<layer>/variance` by channel, and `<layer>/histogram` where asked for. */
  readonly outputs: Filling;
  /**
   * After the step, by {@link sumOfSquares}: `<layer>/gradient`, and of its parameters as they were
   * held `<layer>/held`, and by how much they changed `<layer>/update`. Holds the gradient too, for
   * the next program.
   */
  readonly changes: Filling;
  /** Moves the held parameters by {@link SIZE}: `loss`, and `change` of the gradient as above. */
  readonly along?: Filling & { readonly sizes: readonly number[] };
  readonly putBack: CompiledProgram;
}

/** How far {@link InspectionPrograms.along} goes: the host writes it. */
export const SIZE: State = { name: "inspection size", type: "f32", length: 1 };

/**
 * @param net of the training's own programs, which are built before.
 */
export function buildInspection(
  config: SupervisedConfig,
  { landscape, histograms }: InspectionConfig,
  stores: Stores,
  net: NetState,
): InspectionPrograms {
  const kept = net.flats(config.optimiser).filter(({ kept }) => kept);
  const copied = (name: string, from: (buffer: string) => string, to: typeof from) => {
    const graph = new Graph();
    for (const { layout, buffer } of kept) {
      graph.place(graph.leaf(layout.state(from(buffer))), layout.state(to(buffer)));
    }
    return compile(graph, name);
  };
  const own = (buffer: string) => buffer;
  const { layers, ...outputs } = outputsProgram(config, stores, net, histograms);
  return {
    layers,
    trained: layers.filter((layer) => spanOf(net, layer)),
    hold: copied("hold", own, held),
    outputs,
    changes: changesProgram(net, layers, landscape !== undefined),
    ...(landscape && { along: { ...alongProgram(config, stores, net), sizes: landscape } }),
    putBack: copied("put back", held, own),
  };
}

/** The name of what is held of a flat state. */
function held(buffer: string): string {
  return `held ${buffer}`;
}

function outputsProgram(
  config: SupervisedConfig,
  stores: Stores,
  state: NetState,
  histograms: InspectionConfig["histograms"],
): Filling & { readonly layers: readonly string[] } {
  const graph = new Graph();
  const sheet = new Sheet("inspected outputs");
  const { applied } = emitObjective(graph, emitCursor(graph), config, stores, state, "passing");
  for (const { name, layer, output } of applied) {
    const channels = output.shape.at(-1)!;
    const rows = graph.reshape(output, [size(output.shape) / channels, channels]);
    const { mean, variance } = moments(rows);
    sheet.keep(graph, `${name}/mean`, mean);
    sheet.keep(graph, `${name}/variance`, variance);
    if (layer.layer === histograms?.layers) {
      sheet.keep(graph, `${name}/histogram`, histogram(output, histograms));
    }
  }
  const program = compile(graph, "inspect outputs");
  return { program, sheet, layers: applied.map(({ name }) => name) };
}

function changesProgram(
  { parameters }: NetState,
  layers: readonly string[],
  holdGradient: boolean,
): Filling {
  const graph = new Graph();
  const sheet = new Sheet("inspected changes");
  for (const layer of layers) {
    const span = spanOf({ parameters }, layer);
    if (!span) continue;
    const part = (buffer: string) =>
      graph.leaf(parameters.state(buffer), [span.length], span.offset);
    const before = part(held(FLAT.parameters));
    const update = subtract(part(FLAT.parameters), before);
    sheet.keep(graph, `${layer}/gradient`, sumOfSquares(part(FLAT.gradients)));
    sheet.keep(graph, `${layer}/held`, sumOfSquares(before));
    sheet.keep(graph, `${layer}/update`, sumOfSquares(update));
  }
  if (holdGradient) {
    const gradient = graph.leaf(parameters.state(FLAT.gradients));
    graph.place(gradient, parameters.state(held(FLAT.gradients)));
  }
  return { program: compile(graph, "inspect changes"), sheet };
}

function alongProgram(config: SupervisedConfig, stores: Stores, state: NetState): Filling {
  const graph = new Graph();
  const sheet = new Sheet("inspected landscape");
  const { parameters } = state;
  const gradient = graph.leaf(parameters.state(held(FLAT.gradients)));
  const moved = subtract(
    graph.leaf(parameters.state(held(FLAT.parameters))),
    multiply(gradient, graph.leaf(SIZE)),
  );
  graph.place(moved, parameters.state(FLAT.parameters));
  const { net, loss } = emitObjective(graph, emitCursor(graph), config, stores, state, "passing");
  sheet.keep(graph, "loss", loss);
  sheet.keep(graph, "change", sumOfSquares(subtract(emitGradients(graph, loss, net), gradient)));
  return { program: compile(graph, "inspect along"), sheet };
}

/**
 * Where the parameters of a layer lie, one after the other; what is between them is always 0.
 * `undefined` where it has none.
 */
function spanOf({ parameters }: Pick<NetState, "parameters">, layer: string) {
  const own = parameters.list.filter(({ name }) => name.startsWith(`${layer}/`));
  const [first, last] = [own[0], own.at(-1)];
  if (!first || !last) return undefined;
  return { offset: first.offset, length: last.offset + size(last.shape) - first.offset };
}
