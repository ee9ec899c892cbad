/** Variables of a shader and their types. */
import { ast } from "./syntax.ts";
import type { Kind, Value } from "./values.ts";

/** What is known of a type. */
export interface Type {
  readonly kind: Kind;
  /** Of arrays and vectors. */
  readonly element?: Type;
  readonly members?: ReadonlyMap<string, Type>;
}

/** A variable: a value, or memory that is read and written in parts. */
export interface Variable {
  value: Value;
  readonly type: Type;
  /** A storage buffer, workgroup memory, a uniform, or an array of one invocation. */
  readonly memory?: "read" | "write";
  readonly storage: boolean;
}

/** Variables by name, those of the blocks around included. */
export class Scope {
  readonly #own = new Map<string, Variable>();
  constructor(readonly outer?: Scope) {}

  find(name: string): Variable | undefined {
    return this.#own.get(name) ?? this.outer?.find(name);
  }

  declare(name: string, variable: Variable): void {
    this.#own.set(name, variable);
  }
}

/** A type that nothing is known of. */
export const UNKNOWN: Type = { kind: "unknown" };

/** A type, `named` being called with the names of all that it is made of. */
export function typeOf(type: ast.Type, named: (name: string) => void): Type {
  if (type instanceof ast.ArrayType) {
    return { kind: "array", element: type.format ? typeOf(type.format, named) : UNKNOWN };
  }
  if (type instanceof ast.Struct) {
    const members = type.members.map(({ name, type }) => [name, typeOf(type!, named)] as const);
    return { kind: "struct", members: new Map(members) };
  }
  const name = type.getTypeName();
  named(name);
  const vector = /^vec[234]<?([fiuhb])/.exec(name);
  if (!vector) return { kind: name };
  const kind = { f: "f32", i: "i32", u: "u32", h: "f16", b: "bool" }[vector[1]!]!;
  return { kind, element: { kind } };
}
