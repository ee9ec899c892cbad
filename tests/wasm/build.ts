/**
 * Builds the SIMD kernels of `core/wasm` into `core/wasm/kernels.b64`:
 *
 *     deno task wasm           writes it
 *     deno task wasm --check   fails when it is not what the sources give
 */
import asc from "assemblyscript/asc";

const folder = new URL("../../core/wasm/", import.meta.url);
const target = new URL("kernels.b64", folder);

const OPTIONS = [
  ...["-O3", "--noAssert"],
  ...["--runtime", "stub"],
  ...["--enable", "simd,threads"],
  ...["--importMemory", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536"],
];

/** The module as lines of base64. */
async function build(): Promise<string> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    ["kernels.ts", "--outFile", "kernels.wasm", ...OPTIONS],
    {
      readFile: (name) => Deno.readTextFile(new URL(name, folder)).catch(() => null),
      writeFile: (_name, contents) => void (binary = contents as Uint8Array),
      listFiles: () => [],
    },
  );
  if (error) throw new Error(`core/wasm does not compile\n${stderr}`, { cause: error });
  return (binary as Uint8Array & { toBase64(): string }).toBase64().replace(/.{100}/g, "$&\n") +
    "\n";
}

const built = await build();
if (!Deno.args.includes("--check")) {
  await Deno.writeTextFile(target, built);
} else if (await Deno.readTextFile(target) !== built) {
  console.error("error: core/wasm/kernels.b64 is not what core/wasm gives; run `deno task wasm`");
  Deno.exit(1);
}
