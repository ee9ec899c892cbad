/** Aligned columns of text. */

const GAP = 2;

/** Columns as wide as their widest cell; the last one is wrapped to `width`. */
export function table(rows: readonly (readonly string[])[], width: number, indent = 2): string[] {
  const last = Math.max(...rows.map((row) => row.length)) - 1;
  const widths = Array.from(
    { length: last },
    (_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const before = indent + widths.reduce((sum, w) => sum + w + GAP, 0);
  return rows.flatMap((row) => {
    const start = " ".repeat(indent) +
      widths.map((w, column) => (row[column] ?? "").padEnd(w + GAP)).join("");
    const lines = wrap(row[last] ?? "", Math.max(20, width - before));
    return lines.map((line, i) => ((i === 0 ? start : " ".repeat(before)) + line).trimEnd());
  });
}

/**
 * Columns beside the names of their rows, as many in one table as fit, the next ones below; a row
 * that has nothing but `none` in a table says nothing there.
 */
export function sideBySide(
  names: readonly string[],
  columns: readonly (readonly string[])[],
  width: number,
  none: string,
): string[] {
  const widthOf = (cells: readonly string[]) => Math.max(...cells.map((cell) => cell.length)) + GAP;
  const lines: string[] = [];
  for (let from = 0; from < columns.length;) {
    let to = from;
    let used = GAP + widthOf(names);
    while (to < columns.length && (to === from || used + widthOf(columns[to]!) <= width + GAP)) {
      used += widthOf(columns[to++]!);
    }
    const shown = columns.slice(from, to);
    if (from > 0) lines.push("");
    const rows = names.map((name, row) => [name, ...shown.map((column) => column[row]!)]);
    lines.push(...table(rows.filter(([, ...values]) => values.some((v) => v !== none)), width));
    from = to;
  }
  return lines;
}

/** Lines of at most `width` characters, broken at spaces; a longer word stands alone. */
export function wrap(text: string, width: number): string[] {
  // A terminal breaks it so that it can still be copied whole.
  if (text.startsWith("deno task ")) return [text];
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
