/** Carries out the worked examples on a device and judges them, as a run does. */
import type { Device } from "../../core/device/device.ts";
import type { Computation, Inputs, Results } from "../../core/experiment/arms/arm.ts";
import { type Claim, claimDigest } from "../../core/experiment/claims/claim.ts";
import { judge, type Judgement } from "../../core/experiment/claims/judge.ts";
import { openLab } from "../../core/experiment/cells/lab.ts";
import experiment from "../../experiments/worked-examples/mod.ts";

/** The experiment under test. */
export const { arms, claims } = experiment;

/** The one claim that its lecture's own numbers refute. */
export const REFUTED = "we-weight-sharing-factor";

/** What its lecture's numbers say to a claim. */
export function expectedVerdict(id: string): Judgement["verdict"] {
  return id === REFUTED ? "refuted" : "supported";
}

/** The arm of a claim. */
export function armOf({ id }: Pick<Claim, "id">): Computation {
  const arm = arms[id];
  if (arm?.kind !== "computation") throw new TypeError(`${id} is not the name of a computation`);
  return arm;
}

/** The results of a claim's arm, from its own inputs or from others. */
export async function compute(
  device: Device,
  claim: Claim,
  inputs: Inputs = armOf(claim).inputs,
): Promise<Results> {
  return await armOf(claim).compute(openLab(device), inputs as never);
}

/** The judge's answer to results. */
export async function verdictOn(claim: Claim, measures: Results): Promise<Judgement> {
  const recorded = { [claim.id]: await claimDigest(claim) };
  const cell = { arm: claim.id, seed: 0, measures, standIn: true, claims: recorded };
  return (await judge([claim], [cell]))[0]!;
}
