/** What may be wrong with the arms that another arm names, to be timed or to show images to. */
import type { Arm } from "./arms/arm.ts";
import { DeclarationError } from "./declaration_error.ts";
import { known } from "./parse.ts";

/** @throws {DeclarationError} when one is not supervised, or they learn from different data. */
export function checkNamed(arm: Arm, arms: Readonly<Record<string, Arm>>): void {
  if (arm.kind === "timing") {
    const [first, ...others] = supervisedOf(
      arm.arms,
      arms,
      "a timing lets supervised arms take steps",
    );
    const other = others.find(({ data }) => data !== first!.data);
    if (other === undefined) return;
    throw new DeclarationError(
      `"${first!.name}" learns from ${first!.data} and "${other.name}" from ${other.data}; time ` +
        "arms on one data set against each other",
    );
  }
  if (arm.kind === "transfer") {
    const names = [
      ...arm.sources.map((source) => source.arm),
      ...arm.targets.filter((target) => typeof target === "string"),
    ];
    const other = supervisedOf(names, arms, "a transfer takes the nets of supervised arms")
      .find(({ data }) => data !== arm.data);
    if (other === undefined) return;
    throw new DeclarationError(
      `"${other.name}" learns from ${other.data}, and this transfer shows images of ${arm.data}; ` +
        "name arms on one data set",
    );
  }
}

function supervisedOf(names: readonly string[], arms: Readonly<Record<string, Arm>>, why: string) {
  const supervised = Object.keys(arms).filter((arm) => arms[arm]!.kind === "supervised");
  return names.map((name) => {
    const arm = Object.hasOwn(arms, name) ? arms[name]! : arms[known("arm", name, supervised)]!;
    if (arm.kind === "supervised") return { name, data: arm.data };
    throw new DeclarationError(
      `arm "${name}" is of the kind ${arm.kind}, and ${why}` +
        (supervised.length > 0 ? `: ${supervised.join(", ")}` : ", of which there are none"),
    );
  });
}
