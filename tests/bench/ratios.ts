/** How our devices compare with the peers, by medians. */
import { NAMES } from "./entrants.ts";
import type { Result } from "./turns.ts";

/** One of our devices against a peer, or against the fastest of some, at each task. */
export interface Ratio {
  readonly ours: string;
  readonly theirs: string;
  /** In the order of the tasks; null where one of the two has no figure. */
  readonly values: readonly (number | null)[];
}

const { webgpu, cpu, jax, jaxWasm, tensorflow, torch, torchGpu } = NAMES;

const PAIRS: readonly { ours: string; theirs: string; among: readonly string[] }[] = [
  { ours: webgpu, theirs: "best WebGPU peer", among: [jax, tensorflow] },
  ...[jax, tensorflow, torchGpu].map((theirs) => ({ ours: webgpu, theirs, among: [theirs] })),
  ...[jax, jaxWasm, torch].map((theirs) => ({ ours: cpu, theirs, among: [theirs] })),
];

/** The ratios between those who took part. */
export function ratios(results: readonly Result[]): Ratio[] {
  const tookPart = (name: string) =>
    results.some(({ cells }) => cells.some(({ contestant }) => contestant === name));
  return PAIRS.filter(({ ours, among }) => [ours, ...among].every(tookPart))
    .map(({ ours, theirs, among }) => ({
      ours,
      theirs,
      values: results.map((result) => {
        const numerator = best(result, [ours]), denominator = best(result, among);
        return numerator === null || denominator === null ? null : numerator / denominator;
      }),
    }));
}

function best({ cells }: Result, names: readonly string[]): number | null {
  const medians = cells.filter(({ contestant }) => names.includes(contestant))
    .flatMap(({ median }) => median ?? []);
  return medians.length > 0 ? Math.max(...medians) : null;
}
