/** What a kind of layer is: one file each, and one line in `layers.ts`. */
import type { z } from "zod";
import type { Value } from "../ops/op.ts";
import type { Net } from "./net.ts";

/** A kind of layer: the schema of its declaration and how it is emitted. */
export interface LayerKind<Config extends { readonly layer: string }> {
  readonly schema: z.ZodType<Config> & { readonly shape: Readonly<Record<string, unknown>> };
  apply(net: Net, x: Value, config: Config): Value;
}
