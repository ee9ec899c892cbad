/** Where a command prints: lines, and on a terminal one live line below them. */

/** Columns where there is no terminal. */
const PLAIN_COLUMNS = 100;
const CLEAR_LINE = "\r\x1b[2K";

/** See {@link openScreen}. */
export interface Screen {
  readonly terminal: boolean;
  readonly columns: number;
  /** Prints lines. */
  print(...lines: readonly string[]): void;
  /** Replaces the live line; does nothing without a terminal. */
  live(text: string): void;
}

/** A record or a lock may come from a stranger, and control characters rewrite a terminal's lines. */
export function printable(line: string): string {
  return line.replace(/\p{Cc}/gu, "?");
}

/** The screen on stdout, or on stderr so that stdout stays free for data. */
export function openScreen(on: "stdout" | "stderr"): Screen {
  const stream = on === "stdout" ? Deno.stdout : Deno.stderr;
  const terminal = stream.isTerminal();
  const columns = terminal ? Math.max(40, Deno.consoleSize().columns) : PLAIN_COLUMNS;
  const write = on === "stdout" ? console.log : console.error;
  const draw = (text: string) => stream.writeSync(new TextEncoder().encode(CLEAR_LINE + text));
  let shown = "";
  return {
    terminal,
    columns,
    print(...lines) {
      if (shown !== "") draw("");
      for (const line of lines) write(printable(line));
      if (shown !== "") draw(shown);
    },
    live(text) {
      if (!terminal || printable(text) === shown) return;
      shown = printable(text).slice(0, columns - 1);
      draw(shown);
    },
  };
}
