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
      for (const line of lines) write(line);
      if (shown !== "") draw(shown);
    },
    live(text) {
      if (!terminal || text === shown) return;
      shown = text.slice(0, columns - 1);
      draw(shown);
    },
  };
}
