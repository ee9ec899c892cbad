/** Packs what the tests of the download unpack. */
import { packTar } from "modern-tar";
import type { Archive } from "../../core/data/format.ts";
import { sha256 } from "../../core/numerics/digest.ts";

export async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return await new Response(packed).bytes();
}

/** A tar archive, packed; a path may be anything. */
export async function tarGz(
  files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const entries = Object.entries(files).map(([name, body]) => ({
    header: { name, size: body.length, type: "file" as const },
    body,
  }));
  return await gzip(await packTar(entries));
}

/** An archive of one file, `data`, packed by gzip. */
export async function archiveOf(
  data: Uint8Array<ArrayBuffer>,
  packed: Uint8Array<ArrayBuffer>,
  addresses: readonly string[] = [],
): Promise<Archive> {
  return {
    name: "data.gz",
    bytes: packed.length,
    sha256: await sha256(packed),
    addresses,
    files: { data: data.length },
  };
}
