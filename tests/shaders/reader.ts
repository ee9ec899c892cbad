/** Reads a shader into the values that it computes. */
import { BUILT_INS } from "./built_ins.ts";
import { ast, parse, type Parsed, postfixes } from "./syntax.ts";
import { isConstant, type Kind, type Value, Values } from "./values.ts";
import { Scope, type Type, typeOf, UNKNOWN, type Variable } from "./variables.ts";

/** A value where it arises. */
export interface Seen {
  readonly value: Value;
  /** The function, and its line in the text, from 1 on. */
  readonly within: string;
  readonly line: number;
}

/** All that the rules look at. */
export interface Reading {
  /** Every operation on values, in order. */
  readonly operations: readonly Seen[];
  /** What is written into storage buffers. */
  readonly stores: readonly Seen[];
  /** Indices of arrays and vectors. */
  readonly indices: readonly Seen[];
  /** Names of types, of functions that are called, and of extensions that are asked for. */
  readonly names: readonly (Omit<Seen, "value"> & {
    readonly name: string;
    readonly what: "type" | "function" | "extension" | "statement";
  })[];
  /** Functions that the text declares. */
  readonly declared: ReadonlySet<string>;
}

/** What a run of statements came to. */
interface Flow {
  readonly returned: readonly Value[];
  /** Nothing that follows is reached. */
  readonly ended: boolean;
}

/**
 * Reads a text, every function for itself and again wherever it is called.
 *
 * @throws {Error} where it is not WGSL.
 */
export function read(wgsl: string): Reading {
  return new Reader(parse(wgsl)).read();
}

class Reader {
  readonly #parsed: Parsed;
  readonly #values = new Values();
  readonly #global = new Scope();
  readonly #functions = new Map<string, ast.Function>();
  readonly #operations: Seen[] = [];
  readonly #stores: Seen[] = [];
  readonly #indices: Seen[] = [];
  readonly #names: Reading["names"][number][] = [];
  /** What each variable was before the branch or loop that is being read, innermost last. */
  readonly #journals: Map<Variable, Value>[] = [];
  #within = "";
  #line = 0;
  /** The first reading of a loop only finds what it changes. */
  #silent = false;

  constructor(parsed: Parsed) {
    this.#parsed = parsed;
  }

  read(): Reading {
    for (const statement of this.#parsed.statements) {
      this.#at(statement);
      if (statement instanceof ast.Function) this.#functions.set(statement.name, statement);
      else if (statement instanceof ast.Enable) this.#name("extension", statement.name);
      else if (statement instanceof ast.Requires) {
        for (const name of statement.extensions) this.#name("extension", name);
      } else if (statement instanceof ast.Type) this.#type(statement);
      else this.#statement(statement, this.#global);
    }
    for (const one of this.#functions.values()) {
      this.#call(
        one,
        one.args.map(({ type }) => this.#values.anew("begin", this.#type(type).kind)),
      );
    }
    return {
      operations: this.#operations,
      stores: this.#stores,
      indices: this.#indices,
      names: this.#names,
      declared: new Set(this.#functions.keys()),
    };
  }

  #at(statement: ast.Statement): void {
    this.#line = this.#parsed.lineOf(statement) ?? this.#line;
  }

  #see(list: Seen[], value: Value): Value {
    if (!this.#silent) list.push({ value, within: this.#within, line: this.#line });
    return value;
  }

  #name(what: Reading["names"][number]["what"], name: string): void {
    if (!this.#silent) this.#names.push({ what, name, within: this.#within, line: this.#line });
  }

  /** The value of a call, read with these arguments. */
  #call({ name, args, body }: ast.Function, given: readonly Value[]): Value {
    const [within, line] = [this.#within, this.#line];
    this.#within = name;
    const scope = new Scope(this.#global);
    args.forEach((argument, i) => {
      const type = this.#type(argument.type);
      const value = given[i] ?? this.#values.anew("begin", type.kind);
      scope.declare(argument.name, { value, type, storage: false });
    });
    const { returned } = this.#block(body, scope);
    [this.#within, this.#line] = [within, line];
    const [only] = returned;
    if (returned.length === 1) return only!;
    return this.#values.of("returned", only?.kind ?? "nothing", returned);
  }

  #block(statements: readonly ast.Statement[], outer: Scope): Flow {
    const scope = new Scope(outer);
    const returned: Value[] = [];
    for (const statement of statements) {
      const flow = this.#statement(statement, scope);
      returned.push(...flow.returned);
      if (flow.ended) return { returned, ended: true };
    }
    return { returned, ended: false };
  }

  #statement(statement: ast.Statement | readonly ast.Statement[], scope: Scope): Flow {
    if (Array.isArray(statement)) return this.#block(statement, scope);
    const one = statement as ast.Statement;
    this.#at(one);
    if (one instanceof ast.Return) {
      return { returned: one.value ? [this.#expression(one.value, scope)] : [], ended: true };
    }
    if (one instanceof ast.If) {
      this.#expression(one.condition, scope);
      for (const { condition } of one.elseif ?? []) this.#expression(condition, scope);
      const rest = [...one.elseif ?? []].map(({ body }) => body);
      return this.#branches([one.body, ...rest, one.else ?? []], scope);
    }
    if (one instanceof ast.Switch) {
      this.#expression(one.condition, scope);
      return this.#branches(one.cases.map(({ body }) => body), scope);
    }
    if (one instanceof ast.For) {
      const inner = new Scope(scope);
      if (one.init) this.#statement(one.init, inner);
      return this.#loop(
        [...one.body, ...one.increment ? [one.increment] : []],
        one.condition,
        inner,
      );
    }
    if (one instanceof ast.While) return this.#loop(one.body, one.condition, scope);
    if (one instanceof ast.Loop) {
      return this.#loop([...one.body, ...one.continuing?.body ?? []], null, scope);
    }
    this.#simple(one, scope);
    return { returned: [], ended: false };
  }

  #simple(one: ast.Statement, scope: Scope): void {
    if (one instanceof ast.Var || one instanceof ast.Let || one instanceof ast.Const) {
      this.#declare(one, scope);
    } else if (one instanceof ast.Assign) {
      this.#assign(one, scope);
    } else if (one instanceof ast.Increment) {
      const variable = scope.find((one.variable as ast.VariableExpr).name);
      const before = this.#expression(one.variable, scope);
      const operator = one.operator === ast.IncrementOperator.increment ? "+" : "-";
      if (variable) {
        this.#set(variable, this.#binary(operator, before, this.#values.constant("u32", 1)));
      }
    } else if (one instanceof ast.Call) {
      this.#named(one.name, one.args.map((argument) => this.#expression(argument, scope)));
    } else if (!(one instanceof ast.Break || one instanceof ast.Continue)) {
      this.#name("statement", one.astNodeType);
    }
  }

  #declare(one: ast.Var | ast.Let | ast.Const, scope: Scope): void {
    const value = one.value ? this.#expression(one.value, scope) : undefined;
    const type = one.type ? this.#type(one.type) : { kind: value?.kind ?? "unknown" };
    const storage = one instanceof ast.Var && one.storage === "storage";
    const memory = one instanceof ast.Var && (one.storage || type.kind === "array");
    const readOnly = one.storage === "uniform" || (storage && one.access !== "read_write");
    scope.declare(one.name, {
      value: value ?? this.#values.constant(type.kind, 0),
      type,
      storage,
      ...(memory && { memory: readOnly ? "read" : "write" }),
    });
  }

  #assign({ operator, variable: target, value }: ast.Assign, scope: Scope): void {
    const { name } = target as ast.VariableExpr;
    const variable = scope.find(name);
    const before = name === "_" ? undefined : this.#expression(target, scope);
    const given = this.#expression(value, scope);
    const after = operator === ast.AssignOperator.assign || !before
      ? given
      : this.#binary(operator.slice(0, -1), before, given);
    if (variable?.storage) this.#see(this.#stores, after);
    if (!variable || variable.memory) return;
    // Of a vector, a part.
    const whole = target.postfix
      ? this.#values.anew("either", after.kind, [variable.value, after])
      : after;
    this.#set(variable, whole);
  }

  #set(variable: Variable, value: Value): void {
    const journal = this.#journals.at(-1);
    if (journal && !journal.has(variable)) journal.set(variable, variable.value);
    variable.value = value;
  }

  /** Reads a branch and takes back what it changed; tells what each variable was after it. */
  #branch(statements: readonly ast.Statement[], scope: Scope) {
    const journal = new Map<Variable, Value>();
    this.#journals.push(journal);
    const flow = this.#block(statements, scope);
    this.#journals.pop();
    const after = new Map([...journal.keys()].map((variable) => [variable, variable.value]));
    for (const [variable, before] of journal) variable.value = before;
    return { ...flow, after };
  }

  #branches(bodies: readonly (readonly ast.Statement[])[], scope: Scope): Flow {
    const all = bodies.map((body) => this.#branch(body, scope));
    const going = all.filter(({ ended }) => !ended);
    for (const variable of new Set(going.flatMap(({ after }) => [...after.keys()]))) {
      const met = going.map(({ after }) => after.get(variable) ?? variable.value);
      this.#set(variable, this.#values.anew("either", variable.value.kind, met));
    }
    const ended = all.every((flow) => flow.ended);
    return { returned: all.flatMap(({ returned }) => returned), ended };
  }

  #loop(body: readonly ast.Statement[], condition: ast.Expression | null, scope: Scope): Flow {
    const silent = this.#silent;
    this.#silent = true;
    const { after: changed } = this.#branch(body, scope);
    this.#silent = silent;
    const before = new Map([...changed.keys()].map((variable) => [variable, variable.value]));
    for (const [variable, value] of before) {
      this.#set(variable, this.#values.anew("loop", value.kind, [value]));
    }
    if (condition) this.#expression(condition, scope);
    const { after, returned } = this.#branch(body, scope);
    for (const [variable, value] of before) {
      const met = [value, after.get(variable) ?? variable.value];
      this.#set(variable, this.#values.anew("either", value.kind, met));
    }
    return { returned, ended: false };
  }

  #expression(one: ast.Expression, scope: Scope): Value {
    if (one instanceof ast.VariableExpr) return this.#variable(one, scope);
    const value = this.#plain(one, scope);
    return [...postfixes(one)].reduce((whole, part) => this.#part(whole, part, scope), value);
  }

  #plain(one: ast.Expression, scope: Scope): Value {
    const values = this.#values;
    if (one instanceof ast.LiteralExpr) {
      const kind = one.type.name === "x32" ? "abstract" : one.type.name;
      return values.constant(kind, kind === "bool" ? undefined : one.scalarValue);
    }
    if (one instanceof ast.ConstExpr) {
      return scope.find(one.name)?.value ?? this.#expression(one.initializer, scope);
    }
    if (one instanceof ast.BinaryOperator) {
      const left = this.#expression(one.left, scope);
      return this.#binary(one.operator, left, this.#expression(one.right, scope));
    }
    if (one instanceof ast.UnaryOperator) {
      if (/[&*]/.test(one.operator)) this.#name("statement", "pointer");
      const value = this.#expression(one.right, scope);
      return one.operator === "-"
        ? values.negate(value)
        : values.of(one.operator, value.kind, [value]);
    }
    if (one instanceof ast.BitcastExpr) {
      const value = this.#expression(one.value, scope);
      return this.#see(this.#operations, values.as("bitcast", this.#type(one.type!).kind, value));
    }
    if (one instanceof ast.CallExpr) {
      return this.#named(
        one.name,
        (one.args ?? []).map((argument) => this.#expression(argument, scope)),
      );
    }
    if (one instanceof ast.CreateExpr || one instanceof ast.TypecastExpr) {
      const given = (one.args ?? []).map((argument) => this.#expression(argument, scope));
      // Without a type it is a pair of parentheses, of which `return;` has one with nothing in it.
      if (!one.type) return given[0] ?? values.anew("begin", "nothing");
      return this.#create(this.#type(one.type).kind, given);
    }
    this.#name("statement", one.astNodeType);
    return values.anew("begin", "unknown");
  }

  #binary(operator: string, left: Value, right: Value): Value {
    return this.#see(this.#operations, this.#values.binary(operator, left, right));
  }

  #create(kind: Kind, given: readonly Value[]): Value {
    const [only] = given;
    if (!only) return this.#values.constant(kind, 0);
    if (given.length === 1) {
      return this.#see(this.#operations, this.#values.as("convert", kind, only));
    }
    return given.every(isConstant)
      ? this.#values.constant(kind)
      : this.#values.of("compose", kind, given);
  }

  #named(name: string, given: readonly Value[]): Value {
    const own = this.#functions.get(name);
    if (own) return this.#call(own, given);
    this.#name("function", name);
    const result = BUILT_INS.get(name) ?? "unknown";
    const kind = result === "same"
      ? given.find((value) => !["abstract", "unknown"].includes(value.kind))?.kind ?? "unknown"
      : result;
    // What a template's text leaves open may write memory.
    const value = given.length > 0
      ? this.#values.of(name, kind, given)
      : this.#values.anew(name, kind);
    return this.#see(this.#operations, value);
  }

  #variable(one: ast.VariableExpr, scope: Scope): Value {
    const variable = scope.find(one.name);
    const parts = [...postfixes(one)];
    if (!variable) {
      const value = this.#values.of("load", "unknown", [], one.name);
      return parts.reduce<Value>((whole, part) => this.#part(whole, part, scope), value);
    }
    if (!variable.memory) {
      return parts.reduce((whole, part) => this.#part(whole, part, scope), variable.value);
    }
    let type = variable.type;
    const indices: Value[] = [];
    let path = one.name;
    for (const part of parts) {
      if (part instanceof ast.StringExpr) {
        type = type.members?.get(part.value) ?? type.element ?? UNKNOWN;
        path += `.${part.value}`;
      } else {
        const index = this.#expression((part as ast.ArrayIndex).index, scope);
        indices.push(this.#see(this.#indices, index));
        type = type.element ?? UNKNOWN;
      }
    }
    return variable.memory === "read"
      ? this.#values.of("load", type.kind, indices, path)
      : this.#values.anew(variable.storage ? "load" : "recall", type.kind, indices);
  }

  /** A component of a vector that is a value. */
  #part(whole: Value, part: ast.Expression, scope: Scope): Value {
    if (part instanceof ast.StringExpr) return this.#values.part(whole, part.value);
    const index = this.#see(
      this.#indices,
      this.#expression((part as ast.ArrayIndex).index, scope),
    );
    const name = index.number === undefined ? undefined : "xyzw"[index.number];
    return name
      ? this.#values.part(whole, name)
      : this.#values.of("part", whole.kind, [whole, index]);
  }

  #type(type: ast.Type): Type {
    return typeOf(type, (name) => this.#name("type", name));
  }
}
