/** A peer in a process of its own, talked to line by line (see peers/serve.ts). */
import type { Contestant, Prepared } from "./contestant.ts";
import { lines } from "./lines.ts";
import type { Task } from "./task.ts";

/** A peer that takes longer than this for one answer is given up. */
const LIMIT_SECONDS = 300;

/** A peer could not be started, or could not do what it was asked. */
export class PeerError extends Error {
  override name = "PeerError";
}

interface Reply {
  readonly error?: string;
  readonly version?: string;
  readonly adapter?: string;
  readonly seconds?: number;
}

/** A running peer. */
export class PeerProcess implements Contestant {
  readonly #child: Deno.ChildProcess;
  readonly #replies: AsyncGenerator<string>;
  readonly #requests: WritableStreamDefaultWriter<Uint8Array>;
  readonly #complaints: Promise<string>;
  #identity: Reply = {};

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#replies = lines(child.stdout);
    this.#requests = child.stdin.getWriter();
    this.#complaints = new Response(child.stderr).text();
  }

  /**
   * Starts a peer and waits until it has said who it is.
   *
   * @throws {PeerError} with the first line of what it said instead.
   */
  static async start(command: string, args: readonly string[]): Promise<PeerProcess> {
    const peer = new PeerProcess(
      new Deno.Command(command, {
        args: [...args],
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn(),
    );
    try {
      peer.#identity = await peer.#reply();
      return peer;
    } catch (error) {
      await peer.close();
      throw error;
    }
  }

  /** As the peer states it. */
  get version(): string {
    return this.#identity.version ?? "";
  }

  /** What the peer runs on. */
  get adapter(): string {
    return this.#identity.adapter ?? "";
  }

  async prepare(task: Task): Promise<Prepared> {
    await this.#ask({ prepare: task });
    return {
      run: async (times) => (await this.#ask({ run: times })).seconds!,
      close() {},
    };
  }

  /** Ends the process. */
  async close(): Promise<void> {
    try {
      this.#child.kill();
    } catch {
      // It has ended already.
    }
    await this.#requests.abort().catch(() => {});
    await this.#child.status;
    await this.#complaints;
  }

  async #ask(request: { readonly prepare: Task } | { readonly run: number }): Promise<Reply> {
    await this.#requests.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`))
      .catch(() => {}); // It has ended: reading its reply says why.
    return await this.#reply();
  }

  async #reply(): Promise<Reply> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), LIMIT_SECONDS * 1000);
    const start = performance.now();
    try {
      for (;;) {
        const { value, done } = await this.#replies.next();
        if (done) throw new PeerError(await this.#lastWords(performance.now() - start));
        // A library may print lines of its own.
        if (!value.startsWith("{")) continue;
        const reply = JSON.parse(value) as Reply;
        if (reply.error !== undefined) throw new PeerError(reply.error);
        return reply;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async #lastWords(milliseconds: number): Promise<string> {
    if (milliseconds > LIMIT_SECONDS * 1000) return `no answer in ${LIMIT_SECONDS} s`;
    const { code } = await this.#child.status;
    const said = (await this.#complaints).trim().split("\n", 1)[0];
    return said || `it ended with exit code ${code}`;
  }
}
