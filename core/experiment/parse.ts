/** Checks of what was declared or asked for, whose errors help. */
import type { z } from "zod";
import { DeclarationError } from "./declaration_error.ts";
import { explain, nearest } from "./explain.ts";

/**
 * Parses with help in the error.
 *
 * @throws {DeclarationError} with every issue on a line of its own, after `where`.
 */
export function parse<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new DeclarationError(`${where}: ${explain(result.error, schema, value).join("\n")}`);
}

/**
 * The name itself when it is among `known`.
 *
 * @throws {DeclarationError} naming the nearest valid name otherwise.
 */
export function known<Name extends string>(
  what: string,
  name: string,
  names: readonly Name[],
): Name {
  if ((names as readonly string[]).includes(name)) return name as Name;
  if (names.length === 0) {
    throw new DeclarationError(`there is no ${what} "${name}", nor any other`);
  }
  throw new DeclarationError(
    `there is no ${what} "${name}"; did you mean "${nearest(name, names)}"? ` +
      `There are: ${names.join(", ")}`,
  );
}

/** Does a check, and names where it was made in what it throws. */
export function within<T>(where: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new DeclarationError(`${where}: ${(error as Error).message}`);
  }
}
