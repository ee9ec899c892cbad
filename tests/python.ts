/** Python beside the tests, where it may be run and has what a test needs. */
import assert from "node:assert/strict";

/** Whether this process may run python3 and it has these modules. */
export async function pythonHas(...modules: readonly string[]): Promise<boolean> {
  const run = await Deno.permissions.query({ name: "run", command: "python3" });
  if (run.state !== "granted") return false;
  const args = ["-c", `import ${modules.join(", ")}`];
  try {
    return (await new Deno.Command("python3", { args, stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** What python3 prints, given `input` on stdin. */
export async function python(args: readonly string[], input: Uint8Array): Promise<string> {
  return new TextDecoder().decode(await pythonBytes(args, input));
}

/** {@link python}, as bytes. */
export async function pythonBytes(
  args: readonly string[],
  input: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const process = new Deno.Command("python3", {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(input);
  await writer.close();
  const { success, stdout, stderr } = await process.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return stdout;
}
