/** The lectures that the project's claims are taken from, by the short names that claims use. */
const LECTURES: Readonly<Record<string, string>> = {
  L13a: "Data Mining, ML and DL, Lecture 13 (Mazumdar): BatchNorm, CNN, adversarial examples, GAN",
  L13b: "ML and DL, Lecture 13, later edition (Mazumdar): CNN, adversarial examples, GAN",
  CS461: "CS 461 Class 18 (Kim): architecture, training methods, adversarial examples",
  CSGY: "CS-GY 6923 Lecture 10 (Musco): convolution, BatchNorm, augmentation, adversarial, " +
    "transfer, autoencoders",
  CS404: "CS 404/504 Lecture 2 (Vakanski): deep learning overview",
};

/** What no run of this project can decide, so that a reader sees how far it covers the lectures. */
export const NOT_TESTABLE = [
  "history and biology (the visual cortex, dates, frogs and cats)",
  "accuracy at the scale of ImageNet",
  "transfer from published weights",
  "human perception",
] as const;

/** The lectures that some sources name, in the order above. */
export function lecturesIn(sources: readonly string[]): readonly (readonly [string, string])[] {
  // "L13a/b" names both editions.
  const text = sources.join("\n").replaceAll("L13a/b", "L13a L13b");
  return Object.entries(LECTURES).filter(([short]) => new RegExp(`\\b${short}\\b`).test(text));
}
