/**
 * The peers' end of the line: each peer is a process of its own that is told what to prepare and how
 * often to run it, one JSON object a line, and answers each with one line.
 *
 * First it says who it is, unasked: `{name, version, adapter}`. Then `{prepare: task}` is answered
 * with `{}` and `{run: times}` with `{seconds}`; either with `{error}` if it fails.
 */
import type { Contestant, Prepared } from "../contestant.ts";
import { firstLine } from "../figures.ts";
import { lines } from "../lines.ts";
import type { Task } from "../task.ts";

/** Serves until standard input ends. */
export async function serve(open: () => Promise<Contestant>): Promise<void> {
  let peer: Contestant;
  try {
    peer = await open();
  } catch (error) {
    answer({ error: firstLine(error) });
    return;
  }
  answer({ version: peer.version, adapter: peer.adapter });
  let prepared: Prepared | undefined;
  for await (const line of lines(Deno.stdin.readable)) {
    const request = JSON.parse(line) as { readonly prepare?: Task; readonly run?: number };
    try {
      if (request.prepare) {
        prepared?.close();
        prepared = await peer.prepare(request.prepare);
        answer({});
      } else {
        answer({ seconds: await prepared!.run(request.run!) });
      }
    } catch (error) {
      answer({ error: firstLine(error) });
    }
  }
  // Workers and devices of the peer would keep the process alive.
  Deno.exit();
}

function answer(reply: Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify(reply));
}
