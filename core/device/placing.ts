/** Puts what SIMD kernels are called with into memory. */
import type { Argument, HostPhase, Phase } from "./program.ts";
import { cut, MOST_CALLS, type PlacedPhase } from "./threads.ts";

/** A kernel's phases and where its bindings lie. */
export interface Bound {
  readonly phases: readonly (Phase | HostPhase)[];
  readonly addresses: readonly number[];
}

/** Places the phases of all kernels that are loaded together; `store` copies words into memory. */
export function place(
  kernels: readonly Bound[],
  threads: number,
  allocate: (bytes: number) => number,
  store: (words: Uint32Array) => number,
): (PlacedPhase | HostPhase)[][] {
  const scratch = allocate(
    kernels.flatMap(({ phases }) => phases)
      .flatMap((phase) => "calls" in phase ? phase.calls : [])
      .flatMap((call) => call.arguments)
      .reduce<number>((most, argument) => Math.max(most, scratchEnd(argument)), 0),
  );
  const tables = new Map<Uint32Array, number>();

  function word(argument: Argument, addresses: readonly number[]): number {
    if (typeof argument === "number") return argument;
    if ("binding" in argument) return addresses[argument.binding]!;
    if ("scratch" in argument) return scratch + argument.scratch;
    const { table } = argument;
    if (!tables.has(table)) tables.set(table, store(table));
    return tables.get(table)!;
  }

  return kernels.map(({ phases, addresses }) =>
    phases.flatMap((phase): (PlacedPhase | HostPhase)[] => {
      if (typeof phase === "function") return [phase];
      const calls = phase.calls.map((call) => ({
        entry: call.entry,
        address: store(Uint32Array.from(call.arguments, (argument) => word(argument, addresses))),
      }));
      return Array.from({ length: Math.ceil(calls.length / MOST_CALLS) }, (_, i) => ({
        units: phase.units,
        ...cut(phase, threads),
        calls: calls.slice(i * MOST_CALLS, (i + 1) * MOST_CALLS),
      }));
    })
  );
}

function scratchEnd(argument: Argument): number {
  return typeof argument === "object" && "scratch" in argument
    ? argument.scratch + argument.bytes
    : 0;
}
