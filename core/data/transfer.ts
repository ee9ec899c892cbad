/**
 * Brings one published archive here. Its mirrors are asked in turn; what arrives is kept in a
 * partial file, so that a cut connection, a mirror that stalls, Ctrl-C or a kill loses at most a
 * second of it, and the next request, to whichever mirror, asks only for the rest.
 *
 * Length and digest are known beforehand. So no word of a server is believed: a wrong length ends a
 * request before its body is read, a longer body is cut off, and whatever the parts came from, the
 * whole counts only with the right SHA-256. That makes validators (ETag, If-Range) needless: a file
 * that changed between two parts fails the digest, and is fetched again from its start.
 */
import { sha256 } from "../numerics/digest.ts";
import { thousands } from "./checks.ts";
import { DataError } from "./error.ts";
import type { Store } from "./files.ts";
import type { Archive } from "./format.ts";

/** How often one mirror is asked while each answer brings something. */
const ATTEMPTS = 8;
/** What is held back at most before it is written: each write waits for the disk. */
const HELD_BYTES = 1 << 20;
const HELD_MILLISECONDS = 1000;

/** How far a transfer is. */
export interface TransferProgress {
  readonly archive: string;
  /** The mirror. */
  readonly host: string;
  readonly bytes: number;
  readonly of: number;
}

/** What a transfer needs. */
export interface TransferOptions {
  readonly store: Store;
  /** The partial file; it is left there, complete, for the caller to remove. */
  readonly part: string;
  /** Milliseconds that a mirror has to answer, and then to send something more. */
  readonly patience: number;
  readonly progress: (progress: TransferProgress) => void;
}

/**
 * The bytes of an archive, verified.
 *
 * @throws {DataError} naming each mirror with what was wrong there, when none has it.
 */
export async function transfer(
  archive: Archive,
  options: TransferOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { store, part } = options;
  const partBytes = async () => await store.files.size(part) ?? 0;
  // Of an archive that was published before, say.
  if (await partBytes() > archive.bytes) await store.remove(part);
  const reasons: string[] = [];
  for (const address of archive.addresses) {
    let reason: string | undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const from = await partBytes();
      reason = from < archive.bytes ? await receive(archive, address, from, options) : undefined;
      if (reason === undefined) {
        const bytes = await store.files.read(part);
        const digest = await sha256(bytes);
        if (digest === archive.sha256) return bytes;
        await store.remove(part);
        reason = `sent other bytes than were published (SHA-256 ${digest.slice(0, 12)}...)`;
        // Where an earlier part came from elsewhere, this mirror may be the good one.
        if (from === 0) break;
      } else if (await partBytes() <= from) {
        break;
      }
    }
    reasons.push(`${new URL(address).host}: ${reason}`);
  }
  const kept = await partBytes() > 0 ? "; what arrived is kept" : "";
  throw new DataError(
    `${archive.name}: expected ${thousands(archive.bytes)} bytes with the SHA-256 ` +
      `${archive.sha256.slice(0, 12)}... from one of its mirrors, got them from none (` +
      `${reasons.join("; ")}). Try again when the network is better${kept}; or fetch it by hand, ` +
      "unpack it, and name its folder with --data-dir.",
  );
}

/** Adds what a mirror sends to the partial file; `undefined` once that is complete, else why not. */
async function receive(
  archive: Archive,
  address: string,
  from: number,
  { store, part, patience, progress }: TransferOptions,
): Promise<string | undefined> {
  const { host } = new URL(address);
  const report = (bytes: number) =>
    progress({ archive: archive.name, host, bytes, of: archive.bytes });
  const request = new AbortController();
  const patiently = async <T>(work: Promise<T>, what: string): Promise<T> => {
    const silence = () => request.abort(new Error(`${what} for ${patience / 1000} s`));
    const timer = setTimeout(silence, patience);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
    }
  };
  report(from);
  let answer: Response;
  try {
    const headers = {
      // Asked for otherwise, a server may pack what is packed already, and lengths mean nothing.
      "Accept-Encoding": "identity",
      ...(from > 0 && { Range: `bytes=${from}-` }),
    };
    answer = await patiently(fetch(address, { headers, signal: request.signal }), "no answer");
  } catch (cause) {
    return why(cause);
  }
  let at = from;
  let held: Uint8Array<ArrayBuffer>[] = [];
  let written = from;
  let writtenAt = performance.now();
  const write = async () => {
    const bytes = await new Blob(held).bytes();
    held = [];
    written = at;
    writtenAt = performance.now();
    if (bytes.length > 0) await store.append(part, bytes);
  };
  try {
    const refused = wrongAnswer(answer, from, archive);
    if (refused !== undefined) return refused;
    if (answer.status === 200 && from > 0) {
      await store.remove(part);
      at = written = 0;
    }
    const body = answer.body!.getReader();
    while (true) {
      let piece: ReadableStreamReadResult<Uint8Array<ArrayBuffer>>;
      try {
        piece = await patiently(body.read(), "sent nothing more");
      } catch (cause) {
        return `${why(cause)}, after ${thousands(at)} bytes`;
      }
      if (piece.done && at === archive.bytes) return undefined;
      at += piece.value?.length ?? 0;
      // It was not cut: this is another file.
      if (piece.done || at > archive.bytes) {
        held = [];
        await store.remove(part);
        return piece.done ? `ended after ${thousands(at)} bytes` : "sent more than that";
      }
      held.push(piece.value);
      const waited = performance.now() - writtenAt;
      if (at - written >= HELD_BYTES || waited >= HELD_MILLISECONDS) await write();
      report(at);
    }
  } finally {
    request.abort();
    await write();
  }
}

/** What is wrong with the head of an answer, if anything. */
function wrongAnswer(
  { status, headers }: Response,
  from: number,
  { bytes }: Archive,
): string | undefined {
  if (status === 206 && from > 0) {
    const range = headers.get("Content-Range") ?? "none";
    return range === `bytes ${from}-${bytes - 1}/${bytes}`
      ? undefined
      : `answered with another part than was asked for (Content-Range: ${range.slice(0, 50)})`;
  }
  if (status !== 200) return `HTTP ${status}`;
  if (headers.get("Content-Type")?.startsWith("text/html")) return "answered with a web page";
  const length = headers.get("Content-Length");
  return length === null || Number(length) === bytes
    ? undefined
    : `announced ${thousands(Number(length))} bytes`;
}

/** Why a request failed, in brief. */
function why(cause: unknown): string {
  const error = cause as Error;
  if (error.name === "NotCapable") {
    const host = /access to "([^"]+)"/.exec(error.message)?.[1] ?? "it";
    return `this task has no permission to reach ${host}`;
  }
  const { message } = error.cause instanceof Error ? error.cause : error;
  if (message.includes("dns error")) return "no such host is known, or there is no network";
  return message.replace(/^.*client error \(\w+\): /s, "");
}
