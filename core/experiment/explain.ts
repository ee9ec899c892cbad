/** What is wrong with a declaration, in words: the path, what was expected, the nearest valid name. */
import { closest } from "fastest-levenshtein";
import { z } from "zod";

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly const?: unknown;
}

/** The name among `names` that is most like `name`. */
export function nearest(name: string, names: readonly string[]): string {
  return closest(name, [...names]);
}

/** One line per issue. */
export function explain(error: z.ZodError, schema: z.ZodType, value: unknown): string[] {
  const described = z.toJSONSchema(schema, { unrepresentable: "any", io: "input" }) as JsonSchema;
  return error.issues.flatMap((issue) => lines(issue, described, value));
}

function lines(issue: z.core.$ZodIssue, schema: JsonSchema, value: unknown): string[] {
  if (issue.code === "unrecognized_keys") {
    const fields = Object.keys(at(schema, value, issue.path)?.properties ?? {});
    return issue.keys.map((key) =>
      `${place(issue.path)}"${key}" is no field here` +
      (fields.length > 0
        ? `; did you mean "${nearest(key, fields)}"? There are: ${fields.join(", ")}`
        : "")
    );
  }
  if (issue.code === "invalid_key") {
    return issue.issues.map(({ message }) => `${place(issue.path)}${message}`);
  }
  return [`${place(issue.path)}${issue.message}${suggestion(issue, value)}`];
}

/** The nearest of fixed choices to a text that is none of them. */
function suggestion(issue: z.core.$ZodIssue, value: unknown): string {
  const { values, options } = issue as Partial<Record<"values" | "options", readonly unknown[]>>;
  const choices = (values ?? options ?? []).map(String);
  const given = issue.path.reduce<unknown>(
    (node, key) => (node as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
  if (typeof given !== "string" || choices.length === 0) return "";
  return `; did you mean "${nearest(given, choices)}"?`;
}

function place(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "";
  return path.map((key, i) =>
    typeof key === "number" ? `[${key}]` : `${i > 0 ? "." : ""}${String(key)}`
  ).join("") + ": ";
}

/**
 * The schema of the value at `path`; among alternatives, the one whose constants the value has, those
 * apart that may be left out.
 */
function at(
  schema: JsonSchema,
  value: unknown,
  path: readonly PropertyKey[],
): JsonSchema | undefined {
  const options = schema.oneOf ?? schema.anyOf;
  if (options) {
    const chosen = options.find((option) => matches(option, value));
    return chosen && at(chosen, value, path);
  }
  const [key, ...rest] = path;
  if (key === undefined) return schema;
  const further = typeof schema.additionalProperties === "object"
    ? schema.additionalProperties
    : undefined;
  const next = typeof key === "number" ? schema.items : schema.properties?.[String(key)] ?? further;
  return next && at(next, (value as Record<PropertyKey, unknown> | undefined)?.[key], rest);
}

function matches({ properties = {}, required = [] }: JsonSchema, value: unknown): boolean {
  return required.every((key) =>
    properties[key]?.const === undefined ||
    properties[key].const === (value as Record<string, unknown> | undefined)?.[key]
  );
}
