/**
 * Kernels are hand-written WGSL files in `shaders/`; what depends on a shape is filled in here:
 * constants are put in front, and the lines between `//% for i in 0..ROWS` and `//% end` are
 * repeated with `${i}` replaced, because register tiles are fast only with constant indices, which
 * WGSL's own loops do not give.
 */

/** Values of a template's constants: u32, or f32 by their exact decimal text through {@link f32}. */
export type Constants = Readonly<Record<string, number | string>>;

/** An f32 constant as WGSL text that parses back to the same bits. */
export function f32(value: number): string {
  const text = String(Math.fround(value));
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}

/** Prefixes `const NAME = value;` for each constant and unrolls the template's loops. */
export function fill(template: string, constants: Constants): string {
  const declared = Object.entries(constants).map(([name, value]) =>
    `const ${name} = ${typeof value === "number" ? `${value}u` : value};\n`
  );
  return declared.join("") + unroll(template.split("\n"), constants, {}).join("\n");
}

function unroll(
  lines: readonly string[],
  constants: Constants,
  indices: Readonly<Record<string, number>>,
): string[] {
  const output: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const loop = /^\s*\/\/% for (\w+) in 0\.\.(\w+)$/.exec(line);
    if (!loop) {
      output.push(line.replace(/\$\{(\w+)\}/g, (_, name) => String(indices[name])));
      continue;
    }
    const end = closing(lines, i);
    const [, index, bound] = loop as unknown as [string, string, string];
    const count = Number(constants[bound] ?? bound);
    if (!Number.isInteger(count)) throw new Error(`template loop over unknown constant ${bound}`);
    for (let value = 0; value < count; value++) {
      output.push(...unroll(lines.slice(i + 1, end), constants, { ...indices, [index]: value }));
    }
    i = end;
  }
  return output;
}

function closing(lines: readonly string[], start: number): number {
  let depth = 0;
  for (let i = start; i < lines.length; i++) {
    if (/^\s*\/\/% for /.test(lines[i]!)) depth++;
    if (/^\s*\/\/% end$/.test(lines[i]!) && --depth === 0) return i;
  }
  throw new Error(`template loop without end: ${lines[start]}`);
}
