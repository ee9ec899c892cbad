/**
 * Elementwise ops: each output element follows from one element of each input. Such an op is a
 * {@link Stage}, which reads its first input as it is handed over, so it can follow at once in the
 * kernel of any op that hands over each element that it stores.
 */
import load from "../../shaders/elementwise.wgsl" with { type: "text" };
import type { HostPhase, Kernel, Phase, View } from "../device/program.ts";
import { bitsOf, flush } from "../numerics/bits.ts";
import { broadcastIndex } from "./broadcast.ts";
import { linear } from "./dispatch.ts";
import { type Op, type Shape, size, type Stage } from "./op.ts";
import { f32, fill } from "./template.ts";

/** A stage in its place: the shapes of its second input, if it has one, and of its result. */
export interface PlacedStage {
  readonly stage: Stage;
  readonly operand: Shape | undefined;
  readonly shape: Shape;
}

/** An elementwise op: its kernel only hands over its first input, the stage does the rest. */
export function elementwiseOp<A>(
  op: Pick<Op<A>, "name" | "infer" | "gradient"> & { stage(attributes: A): Stage },
): Op<A> {
  return { ...op, handsOver: true, kernel: ([x], y) => handOver(x!.shape, y!.shape) };
}

function handOver(from: Shape, to: Shape): Kernel {
  const { workgroups, constants } = linear(size(to));
  const { wgsl, at, run, step } = broadcastIndex(from, to);
  return {
    name: "",
    dispatch: () => ({
      wgsl: fill(`fn x_index(i: u32) -> u32 { return ${wgsl}; }\n${load}`, constants),
      workgroups,
    }),
    bindings: [{ type: "f32", access: "read" }, { type: "f32", access: "write" }],
    reference([x, y]: readonly View[]) {
      for (let start = 0; start < constants.COUNT; start += run) {
        const base = at(start);
        for (let j = 0; j < run; j++) y![start + j] = x![base + j * step]!;
      }
    },
    ...(run === constants.COUNT && step === 1 && {
      simd: () => [{
        ...elements(run),
        calls: [{ entry: "copy", arguments: [{ binding: 0 }, { binding: 1 }] }],
      }],
    }),
  };
}

/**
 * A kernel that hands over its elements, with the stages that each element goes through before it is
 * stored, in order; its bindings are the kernel's own and then the stages' second inputs. Between two
 * stages an element is flushed as if it had been stored, so the bits are those of single steps.
 */
export function withStages(kernel: Kernel, placed: readonly PlacedStage[]): Kernel {
  const own = kernel.bindings.length;
  const output = own - 1;
  const operands = placed.filter(({ operand }) => operand);
  return {
    name: [kernel.name, ...placed.map(({ stage }) => stage.name)].filter(Boolean).join("+"),
    bindings: [
      ...kernel.bindings,
      ...operands.map(() => ({ type: "f32", access: "read" } as const)),
    ],
    dispatch(adapter) {
      const { wgsl, workgroups } = kernel.dispatch(adapter);
      return { wgsl: stagesWgsl(placed, own) + wgsl, workgroups };
    },
    reference(views) {
      kernel.reference(views.slice(0, own));
      let next = own;
      for (const one of placed) inPlace(one, views[output]!, one.operand && views[next++]);
    },
    simd() {
      const phases = [...kernel.simd?.() ?? [kernel.reference]];
      let next = own;
      for (const one of placed) append(phases, one, output, one.operand ? next++ : output);
      return phases;
    },
  };
}

/** Phases of one unit per element. */
function elements(count: number) {
  return { units: count, grain: 4, work: count, stored: 1 };
}

/**
 * Lets a stage follow in place: in the last phase, while a range is in the cache, or in a phase of
 * its own where that phase does not store its elements in order; by its function where the operand
 * repeats otherwise than from end to end.
 */
function append(
  phases: (Phase | HostPhase)[],
  one: PlacedStage,
  output: number,
  second: number,
): void {
  const { stage, operand, shape } = one;
  const { run, step } = broadcastIndex(operand ?? shape, shape);
  const period = operand ? size(operand) : run;
  if (!stage.simd || (period > 1 && (step !== 1 || period !== run))) {
    phases.push((views) => inPlace(one, views[output]!, operand && views[second]));
    return;
  }
  const last = phases.at(-1)!;
  const phase = "stored" in last ? last : { ...elements(size(shape)), calls: [] };
  const call = {
    entry: stage.name,
    arguments: [
      ...[{ binding: output }, { binding: second }, phase.stored!, period],
      ...Object.values(stage.constants ?? {}).map(bitsOf),
    ],
  };
  if (phase === last) phases.pop();
  phases.push({ ...phase, calls: [...phase.calls, call] });
}

/** The stages as `finish(i, x)`: from a stored element's index and value to what is stored. */
function stagesWgsl(placed: readonly PlacedStage[], firstBinding: number): string {
  const libraries = new Set(placed.flatMap(({ stage }) => stage.libraries ?? []));
  const declared: string[] = [];
  const body: string[] = [];
  let binding = firstBinding;
  placed.forEach(({ stage, operand, shape }, n) => {
    let second = "";
    if (operand) {
      declared.push(
        `@group(0) @binding(${binding++}) var<storage, read> operand${n}: array<f32>;\n`,
      );
      second = `, operand${n}[${broadcastIndex(operand, shape).wgsl}]`;
    }
    declared.push(own(stage, n));
    body.push(`  y = flush(apply${n}(y${second}));\n`);
  });
  return [
    ...libraries,
    ...declared,
    "fn finish(i: u32, x: f32) -> f32 {\n  var y = x;\n",
    ...body,
    "  return y;\n}\n",
  ].join("");
}

/** A stage's function and constants under names of their own. */
function own({ wgsl, constants = {} }: Stage, n: number): string {
  const values = Object.entries(constants).map(([name, value]) => [name, f32(value)]);
  const names = new RegExp(`\\b(${["apply", ...Object.keys(constants)].join("|")})\\b`, "g");
  return fill(wgsl, Object.fromEntries(values)).replace(names, `$&${n}`);
}

function inPlace({ stage, operand, shape }: PlacedStage, y: View, second: View | undefined): void {
  const { at, run, step } = broadcastIndex(operand ?? [], shape);
  for (let start = 0; start < y.length; start += run) {
    const base = at(start);
    for (let i = start, j = base; i < start + run; i++, j += step) {
      y[i] = flush(stage.apply(y[i]!, second ? second[j]! : 0));
    }
  }
}
