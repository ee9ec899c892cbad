/**
 * Mirrors on 127.0.0.1 that misbehave as they are told. They speak HTTP by hand: a proper server
 * would not cut connections or lie about lengths.
 */

/** A request that a mirror got. */
export interface Asked {
  readonly path: string;
  /** Where the wanted part starts; `undefined` = the whole file was asked for. */
  readonly from: number | undefined;
  readonly head: string;
}

/** Answers one request; the connection is closed after it. */
export type Answer = (asked: Asked, connection: Deno.TcpConn, closing: Promise<void>) => unknown;

/** A running mirror. */
export interface Mirror extends AsyncDisposable {
  /** `http://127.0.0.1:...` */
  readonly address: string;
  readonly asked: readonly Asked[];
}

/** Starts a mirror that gives these answers in turn, the last one again and again. */
export function startMirror(...answers: readonly Answer[]): Mirror {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const asked: Asked[] = [];
  const closing = Promise.withResolvers<void>();
  const serve = async (connection: Deno.TcpConn) => {
    try {
      const request = await readHead(connection);
      asked.push(request);
      await answers[Math.min(asked.length, answers.length) - 1]!(
        request,
        connection,
        closing.promise,
      );
    } catch (error) {
      // The other side has hung up, as it should on most of these.
      if (!(error instanceof Deno.errors.BrokenPipe || isGone(error))) throw error;
    } finally {
      connection.close();
    }
  };
  const served: Promise<void>[] = [];
  const listening = (async () => {
    for await (const connection of listener) served.push(serve(connection));
  })();
  return {
    address: `http://127.0.0.1:${listener.addr.port}`,
    asked,
    async [Symbol.asyncDispose]() {
      closing.resolve();
      listener.close();
      await listening;
      await Promise.all(served);
    },
  };
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.UnexpectedEof;
}

async function readHead(connection: Deno.TcpConn): Promise<Asked> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(4096);
  let head = "";
  while (!head.includes("\r\n\r\n")) {
    const count = await connection.read(buffer);
    if (count === null) throw new Deno.errors.UnexpectedEof();
    head += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  const range = /^range: bytes=(\d+)-\r$/im.exec(head)?.[1];
  return {
    path: head.split(" ")[1]!,
    from: range === undefined ? undefined : Number(range),
    head,
  };
}

async function send(connection: Deno.TcpConn, content: Uint8Array | string): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  for (let done = 0; done < bytes.length;) done += await connection.write(bytes.subarray(done));
}

/** An answer as it stands. */
export function says(head: string, body: Uint8Array | string = ""): Answer {
  return async (_, connection) => {
    await send(connection, `HTTP/1.1 ${head}\r\nConnection: close\r\n\r\n`);
    await send(connection, body);
  };
}

function headFor({ from }: Asked, bytes: Uint8Array): string {
  return from === undefined
    ? `200 OK\r\nContent-Length: ${bytes.length}`
    : `206 Partial Content\r\nContent-Length: ${bytes.length - from}\r\n` +
      `Content-Range: bytes ${from}-${bytes.length - 1}/${bytes.length}`;
}

/** As a mirror should. */
export function whole(bytes: Uint8Array): Answer {
  return (asked, connection, closing) =>
    says(headFor(asked, bytes), bytes.subarray(asked.from ?? 0))(asked, connection, closing);
}

/** Announces all, and hangs up after `count` bytes. */
export function cut(bytes: Uint8Array, count: number): Answer {
  return (asked, connection, closing) => {
    const from = asked.from ?? 0;
    return says(headFor(asked, bytes), bytes.subarray(from, from + count))(
      asked,
      connection,
      closing,
    );
  };
}

/** Announces all, and says nothing more after `count` bytes. */
export function stall(bytes: Uint8Array, count: number): Answer {
  return async (asked, connection, closing) => {
    await cut(bytes, count)(asked, connection, closing);
    await closing;
  };
}

/** Never answers. */
export const silence: Answer = (_asked, _connection, closing) => closing;

/** Sends the whole file whatever part was asked for. */
export function wholeAlways(bytes: Uint8Array): Answer {
  return says(`200 OK\r\nContent-Length: ${bytes.length}`, bytes);
}

/** Answers by path; 404 for any other. */
export function files(packed: ReadonlyMap<string, Uint8Array>): Answer {
  return (asked, connection, closing) => {
    const bytes = packed.get(asked.path.slice(1));
    const answer = bytes ? whole(bytes) : says("404 Not Found\r\nContent-Length: 0");
    return answer(asked, connection, closing);
  };
}
