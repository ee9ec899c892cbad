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
