/** What `deno task diverge` prints. */
import { count, formatNumber } from "../experiment/records/format.ts";
import { show, size } from "../ops/op.ts";
import type { Divergence, Outcome, Side } from "../reproduce/divergence.ts";
import type { Number32, TensorDifference } from "../reproduce/elements.ts";
import type { OpDifference } from "../reproduce/op_by_op.ts";
import type { OriginDifference } from "../reproduce/origins.ts";
import { table, wrap } from "./table.ts";

/** Tensors of one op or step that are shown. */
const SHOWN = 8;

/** The whole answer, in lines. */
export function divergenceText(divergence: Divergence, width: number): string[] {
  const { cell, data, a, b, chain } = divergence;
  const rows = [
    ...sideRows("A", a),
    ...sideRows("B", b),
    ...(data === undefined ? [] : [["data", data]]),
    ...(chain ? [["chain", chainText(chain)]] : []),
  ];
  return [cell, ...table(rows, width), "", ...resultText(divergence, width)];
}

function sideRows(letter: string, { name, made, device, note }: Side): string[][] {
  if (made === undefined) return [[letter, device ?? name]];
  const again = device === undefined
    ? ""
    : device === made
    ? ", and trained again on it"
    : `; trained again on ${device}`;
  return [[letter, name], ["", note ?? `made on ${made}${again}`]];
}

function chainText({ points, same, differs, diverged }: NonNullable<Divergence["chain"]>): string {
  const common = same === undefined
    ? "no common point"
    : `${count(points, "point")} to step ${same}`;
  if (differs === undefined) return `the same: ${common}`;
  if (same === undefined) return `differs from step ${differs} on`;
  const end = diverged ? `only ${diverged} diverged, at` : "another digest at";
  return `the same: ${common}; ${end} step ${differs}`;
}

function resultText({ result, chain }: Divergence, width: number): string[] {
  const say = (text: string) => wrap(text, width);
  switch (result.outcome) {
    case "same":
      return [`no difference: ${sameText(result, chain)}`];
    case "measure": {
      const [a, b] = [result.a, result.b].map((value) => JSON.stringify(value) ?? "missing");
      return say(`the measure "${result.measure}" differs: ${a} in A, ${b} in B`);
    }
    case "other code":
      return [
        ...say(
          `This code is not the code that made them: trained again on the cpu device, the weights ` +
            `at step ${result.step} ` +
            (result.found === undefined ? "are not finite" : `have digest ${short(result.found)}`) +
            `, and both chains have ${short(result.expected)} there.`,
        ),
        ...originRows(result.origins, width),
      ];
    case "not again":
      return [
        ...say(
          "The fault cannot be made again here: both sides come to the same bits, step by step.",
        ),
        ...say(`This code's cpu device ${cpuText(result.cpu, chain!)} at step ${chain!.differs}.`),
        ...originRows(result.origins, width),
      ];
    case "found":
      return foundText(result, width);
  }
}

function cpuText(
  cpu: "A" | "B" | "neither",
  { diverged }: NonNullable<Divergence["chain"]>,
): string {
  if (diverged !== undefined) return cpu === diverged ? "diverges as well" : "does not diverge";
  return cpu === "neither" ? "gives neither digest" : `gives the digest of ${cpu}`;
}

function sameText(
  { compared, count: number }: Extract<Outcome, { outcome: "same" }>,
  chain: Divergence["chain"],
): string {
  const text = count(number, compared.slice(0, -1), compared);
  return chain ? `${text} to step ${chain.same}` : text;
}

function foundText(
  { step, after, op }: Extract<Outcome, { outcome: "found" }>,
  width: number,
): string[] {
  const where = step === 0 ? "The drawing of the parameters" : `Step ${step}`;
  if (!op) {
    return [
      ...wrap(`${where} differs when it is run whole, but no op of it does by itself.`, width),
      ...tensorsText(after, width),
    ];
  }
  const { kernel, label, tensors, inputs, agrees } = op;
  return [
    ...wrap(`${where} differs, first in the op ${label} (kernel ${kernel}).`, width),
    ...(inputs.length === 0 ? tensorsText(tensors, width) : [
      ...wrap("Not the op is at fault but what was put into its inputs before:", width),
      ...tensorsText(inputs, width),
    ]),
    "",
    agreesText(agrees),
  ];
}

function agreesText(agrees: OpDifference["agrees"]): string {
  if (agrees === "neither") return "The cpu device's references agree with neither.";
  return `The cpu device's references agree with ${agrees}: ${
    agrees === "A" ? "B" : "A"
  } is wrong.`;
}

/** Every tensor with its count, and the first elements of the first. */
function tensorsText(tensors: readonly TensorDifference[], width: number): string[] {
  const [{ name, elements }] = tensors as [TensorDifference];
  const asked = elements.some(({ cpu }) => cpu);
  const more = tensors.length - SHOWN;
  return [
    "",
    ...table(
      [
        ["tensor", "shape", "elements that differ"],
        ...tensors.slice(0, SHOWN).map(({ name, shape, differing }) => [
          name,
          show(shape),
          `${formatNumber(differing)} of ${formatNumber(size(shape))}`,
        ]),
        ...(more > 0 ? [[`and ${formatNumber(more)} more`]] : []),
      ],
      width,
    ),
    "",
    `  first elements of ${name}`,
    ...table(
      [
        ["index", "A", "B", ...(asked ? ["cpu"] : [])],
        ...elements.map(({ index, a, b, cpu }) => [
          show(index),
          ...[a, b, ...(cpu ? [cpu] : [])].map(numberText),
        ]),
      ],
      width,
    ),
  ];
}

/** Nine digits tell every f32 from its neighbours. */
function numberText({ value, bits }: Number32): string {
  const short = Number(value.toPrecision(9));
  const plain = short === 0 || Math.abs(short) >= 1e-3 || Number.isNaN(short);
  return `${plain ? short : short.toExponential()} ${bits}`;
}

function originRows(origins: readonly OriginDifference[], width: number): string[] {
  if (origins.length === 0) {
    return ["Code, shaders and Deno are the same as in both records."];
  }
  return [
    "",
    ...table(
      [
        ["differs", "A", "B", "here"],
        ...origins.map(({ what, a, b, here = "" }) => [what, ...[a, b, here].map(short)]),
      ],
      width,
    ),
  ];
}

/** A digest by its first digits; other text whole. */
function short(text: string): string {
  return /^[0-9a-f]{64}$/.test(text) ? text.slice(0, 12) : text;
}
