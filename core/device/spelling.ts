/**
 * The prelude of every kernel: the contract's helpers and the spelling of multiplication that holds
 * on the adapter at hand (found by `probe.ts`).
 */
import contract from "../../shaders/lib/contract.wgsl" with { type: "text" };
import barrier from "../../shaders/lib/multiply_barrier.wgsl" with { type: "text" };
import fused from "../../shaders/lib/multiply_fused.wgsl" with { type: "text" };
import plain from "../../shaders/lib/multiply_plain.wgsl" with { type: "text" };

/** How a product is written so that it is rounded on its own; cheapest first. */
export const SPELLINGS = ["plain", "fused", "barrier"] as const;

/** One of {@link SPELLINGS}. */
export type Spelling = (typeof SPELLINGS)[number];

const MULTIPLY: Record<Spelling, string> = { plain, fused, barrier };

/** The WGSL that stands before a kernel's own text. */
export function prelude(spelling: Spelling): string {
  return `${contract}\n${MULTIPLY[spelling]}\n`;
}

/** Bytes of the contract's uniform buffer: +0, -0 and an all-zero mask, padded to 16. */
export const CONTRACT_VALUES: Uint32Array<ArrayBuffer> = new Uint32Array([0, 0x80000000, 0, 0]);
