/** What the lectures say about adversarial examples, and how the adversarial experiment decides it. */
import type { Claim, Part } from "../../mod.ts";

/** Seeds of every comparison. */
const SEEDS = 5;

/** One criterion; `what` tells it from the claim's others. */
function part(
  what: string,
  measure: string,
  compare: Part["compare"],
  value: number,
  pairing: Part["pairing"],
): Part {
  return { part: what, measure, compare, value, pairing, minSeeds: SEEDS };
}

const reference = { arm: "reference" };

/** All claims. */
export const claims: Claim[] = [
  {
    id: "adv-fgsm",
    lecture: 'L13a/b "FGSM"; CS461; CSGY',
    paraphrase:
      "A step too small to be seen, along the sign of the input's gradient, makes a good " +
      "classifier wrong.",
    parts: [part("survival", "survival, FGSM 2/255", "below", 0.5, reference)],
    marks: ["pilot"],
    note:
      "Accuracy under FGSM at 2/255 (the lectures' .007) over clean accuracy, the first 1,000 " +
      "test images of CIFAR-10. Every attacked image is held against the bound, epsilon + 2^-24, " +
      "and the pixel range; one outside would end the run.",
  },
  {
    id: "adv-confidence",
    lecture: 'L13a/b "Adversarial Examples"; CS461',
    paraphrase: "And it is wrong with high confidence.",
    parts: [part("confidence", "confidence when fooled, FGSM 8/255", "above", 0.9, reference)],
    marks: ["pilot"],
    note: "Mean probability of the wrong class, over the images that FGSM at 8/255 made wrong.",
  },
  {
    id: "adv-random-noise",
    lecture: 'CSGY "Adversarial examples"',
    paraphrase: "Random perturbations of the same size do not fool it.",
    parts: [2, 8].map((n) => part(`${n}/255`, `lost to noise ${n}/255`, "within", 0.02, reference)),
    marks: ["pilot"],
    note: "Every pixel is moved up or down by all of epsilon, at random.",
  },
  {
    id: "adv-targeted",
    lecture: 'L13a/b "Forms of attacks"; CS461 "Turning Objects into Airplanes"',
    paraphrase: "An attack can force a class of its choice.",
    parts: [
      part("into airplanes", "turned into airplanes", "above", 0.9, reference),
      part("with confidence", "confidence in airplanes", "above", 0.9, reference),
    ],
    note: "PGD with 40 steps at 8/255; of the first 1,000 test images those of other classes.",
  },
  {
    id: "adv-linear",
    lecture: 'CS461 "Nearly Linear Responses in Practice"',
    paraphrase: "Logits respond almost linearly to a step along the gradient's sign.",
    parts: (["true", "strongest wrong"] as const).map((logit) =>
      part(`${logit} logit`, `linear to 0.1, ${logit} logit`, "above", 0.9, reference)
    ),
    note:
      "R^2 of a straight line through the logit at 21 steps from -0.1 to 0.1, the median over " +
      "1,000 images; the pixels are not cut to their range.",
  },
  {
    id: "adv-all-models",
    lecture: 'L13a/b "Adversarial Examples"',
    paraphrase: "Deep nets, clustering, naive Bayes, decision trees, MLPs, SVMs: none withstands.",
    parts: [
      ...["cnn", "mlp", "svm", "softmax"].map((arm) =>
        part(arm, "lost to FGSM 0.2", "above", 0.2, { arm })
      ),
      ...["naive Bayes", "decision tree", "k-means", "nearest neighbour"].map((model) =>
        part(model, `accuracy lost of ${model} by softmax`, "above", 0.2, {
          arm: "digits-transfer",
        })
      ),
    ],
    note: "Digits, FGSM at 0.2. Models without a gradient are shown the examples made on softmax " +
      "regression; the matrix has those made on other nets.",
  },
  {
    id: "adv-black-box",
    lecture: 'L13a/b "White-Box and Black-Box"',
    paraphrase: "Without access to the training one can fool a net too.",
    parts: [
      part(
        "another seed",
        "accuracy lost of reference by reference of the next seed",
        "above",
        0.2,
        { arm: "colour-transfer" },
      ),
      part("another architecture", "accuracy lost of reference by strided", "above", 0.2, {
        arm: "colour-transfer",
      }),
    ],
    marks: ["implied"],
    note: "CIFAR-10, FGSM at 8/255 on one net, shown to another.",
  },
  {
    id: "adv-regularisers",
    lecture: 'L13a/b "Adversarial Examples"',
    paraphrase: "Weight decay and dropout do not make a model robust.",
    parts: ["decay", "dropout"].map((what) =>
      part(what, "PGD 2/255", "within", 0.05, { arm: `reference-${what}`, minus: "reference" })
    ),
    note: "Accuracy under PGD at 2/255 with 20 steps, against that of the plain net.",
  },
  {
    id: "adv-training-own",
    lecture: 'L13a/b "Adversarial training"',
    paraphrase:
      "Training on clean and adversarial images makes a model classify such images correctly.",
    parts: [part("FGSM", "FGSM 0.2", "above", 0.3, { arm: "fgsm-trained", minus: "cnn" })],
    marks: ["pilot"],
    note: "Digits at 0.2. Numbers at 0.3 had been seen.",
  },
  {
    id: "adv-training-strong",
    lecture: 'L13a/b "Adversarial training"',
    paraphrase: "It makes a model robust to adversarial examples.",
    parts: ["fgsm-trained", "pgd-trained"].map((arm) =>
      part(arm, "PGD 0.2", "above", 0.5, { arm })
    ),
    marks: ["pilot"],
    note:
      "Digits at 0.2, PGD with 20 steps, the worse of 2 restarts. Numbers at 0.3 had been seen.",
  },
  {
    id: "adv-training-clean",
    lecture: 'L13a/b "Adversarial training"',
    paraphrase: "It makes a model better on clean images too.",
    parts: [
      part("clean", "test accuracy", "above", 0, { arm: "fgsm-trained", minus: "cnn" }),
    ],
    note: "Clean + FGSM training on digits, all test images.",
  },
  {
    id: "adv-regularises",
    lecture: 'L13a/b "Adversarial training"',
    paraphrase: "Adversarial training acts as a regulariser.",
    parts: [
      part("gap", "final gap", "above", 0.005, { arm: "cnn-2k", minus: "fgsm-trained-2k" }),
      part("accuracy", "test accuracy", "above", -0.005, {
        arm: "fgsm-trained-2k",
        minus: "cnn-2k",
      }),
    ],
    note: "2,000 digits, drawn for each seed; training minus test accuracy at the end.",
  },
  {
    id: "adv-vat",
    lecture: 'L13a/b "Virtual adversarial training"',
    paraphrase: "A form without labels carries the idea to semi-supervised learning.",
    parts: [
      part("100 labels", "test accuracy", "above", 0.02, { arm: "vat-100", minus: "labels-100" }),
    ],
    note: "An MLP on digits, 100 labels drawn for each seed, the others' images without theirs.",
  },
  {
    id: "adv-poisoning",
    lecture: 'L13a/b "poisoning"',
    paraphrase:
      "Look-alike images with wrong labels, added to the training set, lower the accuracy.",
    parts: [
      part("10 % more", "test accuracy", "above", 0.02, { arm: "mlp-5k", minus: "copies-10" }),
    ],
    note:
      "An MLP on 5,000 digits, drawn for each seed; a copy differs by at most 16 of 255 a pixel.",
  },
];
