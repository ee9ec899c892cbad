/** Accuracies under attack, and what they come to: which nets withstand, and which only seem to. */
import { type DatasetName, DATASETS } from "../../core/data/dataset.ts";
import type { Transfer } from "../../core/experiment/arms/transfer.ts";
import { summarize } from "../../core/experiment/claims/statistics.ts";
import { type FigureOf, measuresShown } from "../../core/experiment/figure.ts";
import type { Measure } from "../../core/experiment/measures/measure.ts";
import { underName } from "../../core/experiment/measures/transfer_measures.ts";
import { count, formatSummary } from "../../core/experiment/records/format.ts";
import { attackText } from "../attack_text.ts";
import { type Html, html } from "../html.ts";
import { leftOut, type Reported } from "../reported.ts";
import { table } from "../table.ts";
import type { Drawn } from "./drawn.ts";
import { type Check, checks, inWords, RULE, type Shares } from "./masking.ts";
import { numbersOf, withoutMeasures } from "./measures.ts";

const COLUMNS = {
  clean: "Clean",
  noise: "Noise",
  fgsm: "FGSM",
  pgd: "PGD",
  blackBox: "From another net",
} as const;

/** One number a seed; none where it was not measured. */
type Numbers = Readonly<Record<Exclude<keyof Shares, "chance">, readonly number[]>>;

/** Without these nothing can be said. */
const NEEDED: readonly (keyof Numbers)[] = ["clean", "noise", "fgsm", "pgd", "largest"];

/** Draws it from the measures in the records. */
export function robustness(run: Reported, figure: FigureOf<"robustness">): Promise<Drawn> {
  const { title = "Robust, or seemingly so", arms, blackBox } = figure;
  const judged = arms.flatMap((arm) => {
    const numbers = numbersFor(run, figure, arm);
    const shares = sharesOf(run, arm, numbers);
    return shares ? [{ arm, numbers, shares }] : [];
  });
  const columns = (Object.keys(COLUMNS) as (keyof typeof COLUMNS)[])
    .filter((column) => judged.some(({ numbers }) => numbers[column].length > 0));
  const content = html`
    <div class="robustness">
    ${table({
      label: "Accuracies under attack",
      head: ["Arm", ...columns.map((column) => COLUMNS[column]), "n"],
      groups: judged.map(({ arm, numbers }) => [[
        arm,
        ...columns.map((column) => text(numbers[column])),
        numbers.clean.length,
      ]]),
      narrow: "scroll",
    })}
    <p class="caption">${attacksIn(run, figure)}</p>
    ${table({
      label: "What the numbers come to",
      head: ["Arm", "In words", "Checks"],
      groups: judged.map(({ arm, shares }) => [[
        arm,
        inWords(shares),
        html`<ul class="checks">${checks(shares).map(verdict)}</ul>`,
      ]]),
      narrow: "stack",
    })}
    </div>
  `;
  return Promise.resolve({
    title,
    content: judged.length === 0 ? undefined : content,
    caption: `${RULE} Checks and sentences go by the means over the seeds.`,
    notes: [
      ...leftOut(run, [...arms, ...(blackBox ? [blackBox.arm] : [])]),
      ...withoutMeasures(run, arms, measuresShown(figure)),
    ],
  });
}

/** What the columns are; the declaration has checked that they belong together. */
function attacksIn(
  { experiment: { arms, measures } }: Reported,
  { blackBox, ...figure }: FigureOf<"robustness">,
): string {
  const attacked = [figure.noise, figure.fgsm, figure.pgd, figure.largest]
    .map((name) => measures[name] as Extract<Measure, { measure: "attackedAccuracy" }>);
  const [noise, fgsm, pgd, largest] = attacked.map(({ attack }) => attackText(attack));
  const images = count(attacked[0]!.images, "test image");
  const made = blackBox && attackText((arms[blackBox.arm] as Transfer).attack);
  return `Clean: all test images; else the first ${images} under ${noise}, ${fgsm} and ${pgd}` +
    (made ? `; from another net: made on ${blackBox.source} by ${made}` : "") +
    `; the very large bound of the checks is that of ${largest}. Mean over n seeds, with the 95 % ` +
    "interval.";
}

function numbersFor(
  run: Reported,
  { blackBox, oneClass, ...figure }: FigureOf<"robustness">,
  arm: string,
): Numbers {
  const of = (measure: string) => numbersOf(run, arm, measure);
  return {
    clean: of(figure.clean),
    noise: of(figure.noise),
    fgsm: of(figure.fgsm),
    pgd: of(figure.pgd),
    // What was made on the net itself says nothing of a black box.
    blackBox: blackBox && blackBox.source !== arm
      ? numbersOf(run, blackBox.arm, underName(arm, blackBox.source))
      : [],
    largest: of(figure.largest),
    oneClass: oneClass === undefined ? [] : of(oneClass),
  };
}

function sharesOf({ experiment }: Reported, name: string, numbers: Numbers): Shares | undefined {
  if (NEEDED.some((column) => numbers[column].length === 0)) return undefined;
  const means = Object.entries(numbers).filter(([, of]) => of.length > 0)
    .map(([column, of]) => [column, summarize(of).mean]);
  const { data } = experiment.arms[name] as { readonly data: DatasetName };
  return { ...Object.fromEntries(means), chance: 1 / DATASETS[data].classes };
}

function text(numbers: readonly number[]): string {
  return numbers.length === 0 ? "–" : formatSummary(summarize(numbers), "share");
}

/** The sign says nothing that the word does not. */
function verdict({ what, found: [first, second], holds }: Check): Html {
  return html`
    <li class="${holds ? "holds" : "fails"}">
      <b>${holds ? "✓ holds:" : "✗ fails:"}</b> ${what} <span>${first}, ${second}</span>
    </li>
  `;
}
