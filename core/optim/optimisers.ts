/** All kinds of optimisers; adding one adds its file and a line in each of the two lists here. */
import { z } from "zod";
import { type Adam, adamKind } from "./adam.ts";
import type { OptimiserKind } from "./kind.ts";
import { type Rmsprop, rmspropKind } from "./rmsprop.ts";
import { type Sgd, sgdKind } from "./sgd.ts";

/** A declared optimiser of any kind. */
export type Optimiser = Adam | Rmsprop | Sgd;

const KINDS: {
  readonly [K in Optimiser["optimiser"]]: OptimiserKind<Extract<Optimiser, { optimiser: K }>>;
} = { adam: adamKind, rmsprop: rmspropKind, sgd: sgdKind };

/** The schema of a declared optimiser. */
export const optimiserSchema: z.ZodType<Optimiser> = z.discriminatedUnion(
  "optimiser",
  Object.values(KINDS).map((kind) => kind.schema) as never,
);

/** The kind of a declared optimiser. */
export function optimiserKind({ optimiser }: Optimiser): OptimiserKind<Optimiser> {
  return KINDS[optimiser] as OptimiserKind<Optimiser>;
}
