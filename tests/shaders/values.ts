/**
 * What a driver may see of a shader: every value as the operations that it comes from, seen through
 * variables and through the shader's own functions, because drivers put all of it into one. Where
 * control flow meets, in loops, and at memory that the shader writes, a value begins anew; so does
 * it after a change of its bits, which no algebra of floats passes.
 */

/** Type of a number or of a vector's components; "unknown" where a template's text does not say. */
export type Kind = string;

/** A value; the same operation on the same values is the same object. */
export interface Value {
  /**
   * `+`, `*` and the like, `negate`, `constant`, `load`, `bitcast`, `convert`, `compose`, the name
   * of a built-in function; `recall` for what the shader itself put into memory of its own; `loop` for a variable at the begin of a turn (from its first value),
   * `either` where control flow meets, `returned` for a function's several results, `begin` for
   * what nothing is known of.
   */
  readonly operation: string;
  readonly kind: Kind;
  readonly from: readonly Value[];
  /** Of a constant, where it is a number that the text says. */
  readonly number?: number | undefined;
  /** What is loaded, or which component is taken. */
  readonly name?: string;
}

/** Makes values. */
export class Values {
  readonly #known = new Map<string, Value>();
  readonly #numbers = new Map<Value, number>();

  of(operation: string, kind: Kind, from: readonly Value[] = [], name = ""): Value {
    const key = [operation, kind, name, ...from.map((value) => this.#numbers.get(value))].join();
    return this.#known.get(key) ?? this.#keep(key, { operation, kind, from, name });
  }

  constant(kind: Kind, number?: number): Value {
    // Constants whose number is not known are none of them alike.
    if (number === undefined) return this.anew("constant", kind);
    const key = ["constant", kind, number].join();
    return this.#known.get(key) ??
      this.#keep(key, { operation: "constant", kind, from: [], number });
  }

  /** A value that equals no other. */
  anew(operation: string, kind: Kind, from: readonly Value[] = []): Value {
    return this.#keep(`${this.#known.size} anew`, { operation, kind, from });
  }

  /** `a operator b`; of constants, a constant. */
  binary(operator: string, a: Value, b: Value): Value {
    const kind = resultOf(operator, a, b);
    if (isConstant(a) && isConstant(b)) {
      return this.constant(kind, kind === "bool" ? undefined : compute(operator, a, b));
    }
    return this.of(operator, kind, [a, b]);
  }

  negate(value: Value): Value {
    return isConstant(value)
      ? this.constant(value.kind, value.number === undefined ? undefined : -value.number)
      : this.of("negate", value.kind, [value]);
  }

  /** A value of another type, of its number or, by `bitcast`, of its bits. */
  as(operation: "convert" | "bitcast", kind: Kind, value: Value): Value {
    if (value.kind === kind) return value;
    if (isConstant(value)) {
      return this.constant(kind, operation === "convert" ? value.number : undefined);
    }
    // There and back is nothing to a driver.
    const [inner] = value.from;
    if (operation === "bitcast" && value.operation === "bitcast" && inner!.kind === kind) {
      return inner!;
    }
    return this.of(operation, kind, [value]);
  }

  /** A component of a vector; of a sum or a product, that of the components. */
  part(whole: Value, name: string): Value {
    const { operation, kind, from } = whole;
    if (isConstant(whole)) return whole;
    if (!/^([-+*]|negate|fma)$/.test(operation)) return this.of("part", kind, [whole], name);
    return this.of(operation, kind, from.map((value) => this.part(value, name)));
  }

  #keep(key: string, value: Value): Value {
    this.#numbers.set(value, this.#known.size);
    this.#known.set(key, value);
    return value;
  }
}

export function isConstant({ operation }: Value): boolean {
  return operation === "constant";
}

function resultOf(operator: string, a: Value, b: Value): Kind {
  if (/^([<>]=?|[=!]=|&&|\|\|)$/.test(operator)) return "bool";
  return ["abstract", "unknown"].includes(a.kind) ? b.kind : a.kind;
}

function compute(operator: string, { number: a }: Value, { number: b }: Value): number | undefined {
  if (a === undefined || b === undefined) return undefined;
  return operator === "+" ? a + b : operator === "-" ? a - b : operator === "*" ? a * b : undefined;
}

/** A term of a sum. */
export interface Term {
  readonly value: Value;
  readonly negative: boolean;
}

/** The terms that a sum adds and subtracts, sums within it opened. */
export function terms(value: Value, negative = false): Term[] {
  const [a, b] = value.from;
  switch (value.operation) {
    case "+":
      return [...terms(a!, negative), ...terms(b!, negative)];
    case "-":
      return [...terms(a!, negative), ...terms(b!, !negative)];
    case "negate":
      return terms(a!, !negative);
    default:
      return [{ value, negative }];
  }
}

/** Whether it is a product, in either of the ways that `mul` writes one in the open. */
export function isProduct({ operation }: Value): boolean {
  return operation === "*" || operation === "fma";
}

/** The factors that a product multiplies, products within it opened; of others the value itself. */
export function factors(value: Value): Value[] {
  if (value.operation === "negate") return factors(value.from[0]!);
  return isProduct(value) ? value.from.slice(0, 2).flatMap(factors) : [value];
}
