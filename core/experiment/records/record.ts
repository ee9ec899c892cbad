/**
 * What a run leaves behind, as schemas: a record may come from a stranger, so it is checked when it
 * is read.
 */
import { z } from "zod";
import { ADAPTER_CLASSES } from "../../device/program.ts";
import { DeclarationError } from "../declaration_error.ts";
import type { Host } from "../host_interface.ts";
import { PRESETS } from "../arms/presets.ts";

/** Names of the files in a cell's folder. */
export const FILES = {
  record: "cell.json",
  metrics: "metrics.csv",
  checkpoint: "checkpoint.safetensors",
} as const;

/** Version of the record format. */
export const FORMAT = 1;

const count = z.number().int().min(0);
/** A SHA-256. */
export const hex = z.string().regex(/^[0-9a-f]{64}$/);
const value = z.union([z.number(), z.array(z.number())]);

/** Names a folder, so a record from a stranger must not lead out of its own. */
export const cellId = z.string().regex(
  /^(?!\.)[\w.=-]+$/,
  "an id without slashes that no dot begins",
);

const evaluationSchema = z.strictObject({
  step: count,
  set: z.string(),
  /** Null where it is not a finite number. */
  accuracy: z.number().nullable(),
  loss: z.number().nullable(),
  count,
});

/** One evaluation on one set of images. */
export type EvaluationRecord = z.output<typeof evaluationSchema>;

const share = z.number().min(0).max(1);

const lookSchema = z.strictObject({
  step: count,
  /** The discriminator in inference mode on held-out real and as many generated images. */
  discriminator: z.strictObject({
    accuracy: share,
    /** Share of all these images that it took for real. */
    real: share,
    /** Mean binary cross-entropy in nats; null where it is not a finite number. */
    loss: z.number().nullable(),
  }),
  /** What the yardstick says of the generated images; see yardstick_numbers.ts. */
  yardstick: z.strictObject({
    frechetDistance: z.number().min(0).nullable(),
    /** Of how many of its units the generated images differ at all. */
    rank: count,
    covered: count,
    /** Nats. */
    entropy: z.number(),
    confidence: z.number(),
    shares: z.array(share),
  }).optional(),
  /** Mean and variance over all outputs of each hidden activation, by net and layer. */
  activations: z.record(
    z.string(),
    z.strictObject({ mean: z.number(), variance: z.number() }),
  ).optional(),
});

/** One look at a pair of nets on the way. */
export type LookRecord = z.output<typeof lookSchema>;

const counts = z.array(count);
const numbers = z.array(z.number());
/** Null where it is not a finite number. */
const perhaps = z.array(z.number().nullable());

const inspectionSchema = z.strictObject({
  step: count,
  /** Mean cross-entropy in nats over the batch of the next step; null where it is not finite. */
  loss: z.number().nullable(),
  /** Of each layer's outputs over that batch. */
  mean: numbers,
  variance: z.array(z.number().min(0)),
  /** Share of a layer's channels that are 0 for every image and place. */
  dead: z.array(share),
  /**
   * How far one more step moves the vector of a layer's channel means, over the root of its channels'
   * summed variances; null where none of them varies.
   */
  drift: z.array(z.number().min(0).nullable()),
  /** Norm of the loss's gradient by the parameters of each layer that has some. */
  gradients: z.array(z.number().min(0)),
  /** Norm of the next step's change of these, over their own. */
  updates: z.array(z.number().min(0)),
  /** By step size along that gradient: the batch's loss, and how far the gradient is from the first. */
  landscape: z.strictObject({ losses: perhaps, changes: perhaps }).optional(),
  /** By layer: outputs below the first bin, in each bin, and from the end of the last one on. */
  histograms: z.record(z.string(), counts).optional(),
});

/** What was found inside a net in training; numbers but counts have five digits. */
export type InspectionRecord = z.output<typeof inspectionSchema>;

const inspectionsSchema = z.strictObject({
  /** Names of the net's layers in order, and of those that have parameters. */
  layers: z.array(z.string()),
  trained: z.array(z.string()),
  looks: z.array(inspectionSchema),
}).refine(
  ({ layers, trained, looks }) =>
    looks.every(({ mean, variance, dead, drift, gradients, updates }) =>
      [mean, variance, dead, drift].every(({ length }) => length === layers.length) &&
      [gradients, updates].every(({ length }) => length === trained.length)
    ),
  "every look must have one number for each layer",
);

/** What Frechet distances are to be held against, from as many images. */
const rangeSchema = z.strictObject({
  /** Generated, real and held-out images each. */
  images: count,
  /** Of real images from other real ones, and of noise from real ones. */
  real: z.number().min(0),
  noise: z.number().min(0),
});

/** How far a cell has come; it stands in the checkpoint, which is therefore whole or not there. */
export const progressSchema = z.strictObject({
  step: count,
  /** [step, weight digest] at step 0, every 100 steps and at the end. */
  chain: z.array(z.tuple([count, hex])),
  evaluations: z.array(evaluationSchema),
  /** Of a supervised arm that is inspected. */
  inspections: inspectionsSchema.optional(),
  /** Of an adversarial pair. */
  looks: z.array(lookSchema).optional(),
  /** Of an adversarial pair with a yardstick. */
  range: rangeSchema.optional(),
  /** [step, cosine of the parameters' displacements in the last hundred steps and those before]. */
  cosines: z.array(z.tuple([count, z.number().min(-1.001).max(1.001)])).optional(),
  /** Of a timing: milliseconds of a step by arm, one for each round. */
  timings: z.record(z.string(), z.array(z.number())).optional(),
  /** Bytes of metrics.csv that belong to these steps. */
  metricsBytes: count,
  /** Seconds spent so far, over all resumes. */
  seconds: z.number().min(0),
});

/** How far a cell has come. */
export type Progress = z.output<typeof progressSchema>;

const deviceSchema = z.strictObject({
  kind: z.enum(["webgpu", "cpu"]),
  name: z.string(),
  class: z.enum(ADAPTER_CLASSES),
  spelling: z.enum(["plain", "fused", "barrier", "none"]),
  threads: z.int().min(1).optional(),
  /** The row of the tile table that products take there. */
  tiles: z.string().optional(),
});

/** Where a cell went on with something else than before. */
const resumeSchema = z.strictObject({
  /** Steps that were done by then. */
  step: count,
  started: z.string(),
  versions: z.record(z.string(), z.string()),
  device: deviceSchema,
  digests: z.strictObject({ code: hex, shaders: hex }),
});

/** `cell.json`. */
export const cellRecordSchema = z.strictObject({
  format: z.literal(FORMAT),
  experiment: z.string(),
  id: cellId,
  arm: z.string(),
  seed: count,
  tuning: z.boolean(),
  point: z.record(z.string(), z.json()),
  /** The arm as it was run; a computation's function is named in the code digest only. */
  config: z.record(z.string(), z.json()),
  /** `diverged`: a loss or gradient was not finite, which is a result. */
  status: z.enum(["running", "finished", "diverged"]),
  reason: z.string().optional(),
  steps: count,
  digests: z.strictObject({
    config: hex,
    /** Of the data set; null for a computation. */
    data: hex.nullable(),
    code: hex,
    shaders: hex,
    /** Of each claim that the cell serves, as it stood when the cell started. */
    claims: z.record(z.string(), hex),
    /** Of each declared measure, as it stood when it was first taken of this cell. */
    measures: z.record(z.string(), hex).default({}),
  }),
  standIn: z.boolean(),
  versions: z.record(z.string(), z.string()),
  device: deviceSchema,
  started: z.string(),
  /** What differed from device, versions and code above when it went on later, in this order. */
  resumed: z.array(resumeSchema).default([]),
  progress: progressSchema,
  /** What the finished net was asked, by `readingKey`; null where it is not a finite number. */
  readings: z.record(z.string(), z.number().nullable()).default({}),
  measures: z.record(z.string(), value),
  /** Bytes of device buffers: all, and those that hold no data set. */
  memory: z.strictObject({ all: count, besidesData: count }).optional(),
});

/** Whether cells of a kind of arm are trained. */
export function isTrainedKind(kind: unknown): boolean {
  return kind === "supervised" || kind === "adversarial";
}

/** Whether the seed decides what cells of a kind of arm come to: by their training, or by nets they need. */
export function hangsOnSeed(kind: unknown): boolean {
  return isTrainedKind(kind) || kind === "transfer";
}

/** Whether the cell of a record was trained. */
export function wasTrained({ config }: Pick<CellRecord, "config">): boolean {
  return isTrainedKind(config["kind"]);
}

/** Whether the cell of a record has times, which are its machine's own and are not compared. */
export function wasTimed({ config }: Pick<CellRecord, "config">): boolean {
  return config["kind"] === "timing";
}

/** A number as records have it: null where it is not finite, since JSON has no other numbers. */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** What a cell leaves behind. */
export type CellRecord = z.output<typeof cellRecordSchema>;

/** The point of a sweep that an arm is at its best at, by a measure on a seed kept for choosing. */
const choiceSchema = z.strictObject({
  sweep: z.string(),
  arm: z.string(),
  by: z.string(),
  seed: count,
  /** In the order of the sweep; null where the cell diverged. */
  values: z.array(z.strictObject({
    point: z.record(z.string(), z.json()),
    value: z.number().nullable(),
  })),
  /** Null where all of them diverged. */
  chosen: z.record(z.string(), z.json()).nullable(),
});

/** See {@link choiceSchema}. */
export type PointChoice = z.output<typeof choiceSchema>;

/** `run.json`. */
export const runRecordSchema = z.strictObject({
  format: z.literal(FORMAT),
  experiment: z.string(),
  preset: z.enum(PRESETS),
  created: z.string(),
  /** What was asked for beyond the preset. */
  options: z.strictObject({
    seeds: z.array(count).optional(),
    arms: z.array(z.string()).optional(),
    claim: z.string().optional(),
    steps: count.optional(),
    set: z.record(z.string(), z.json()).optional(),
  }),
  /** Cell id and config digest, in the order of running. */
  cells: z.array(z.strictObject({ id: cellId, digest: hex })),
  /** Of the sweeps whose cells of that seed are done. */
  choices: z.array(choiceSchema).optional(),
});

/** What a run leaves behind besides its cells. */
export type RunRecord = z.output<typeof runRecordSchema>;

/**
 * Reads a record.
 *
 * @throws {DeclarationError} naming the file when it is no such record.
 */
export async function readRecord<S extends z.ZodType>(
  host: Host,
  path: string,
  schema: S,
): Promise<z.output<S>> {
  const text = await host.readText(path);
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new DeclarationError(`${path} is not JSON; it is damaged or no record of samebits`);
  }
  const result = schema.safeParse(data);
  if (!result.success) {
    const { path: at, message } = result.error.issues[0]!;
    const what = at.length === 0 ? message : `${at.map(String).join(".")}: ${message}`;
    throw new DeclarationError(`${path} is no record of this version: ${what}`);
  }
  return result.data;
}

/** A record as text: two-space JSON with a line break at the end. */
export function recordText(record: CellRecord | RunRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}
