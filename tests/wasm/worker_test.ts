import assert from "node:assert/strict";

async function child(closing: "close" | "open") {
  const process = new Deno.Command("deno", {
    args: ["run", "--quiet", "--no-prompt", "tests/wasm/worker_child.ts", closing],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let killed = false;
  const timer = setTimeout(() => {
    killed = true;
    process.kill("SIGKILL");
  }, closing === "close" ? 30_000 : 2_000);
  const { stdout, stderr } = await process.output();
  clearTimeout(timer);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { killed, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("close() ends the workers, so that the process ends; they need no permission", async () => {
  assert.deepEqual(await child("close"), { killed: false, stdout: "done\n", stderr: "" });
});

Deno.test("a device that stays open keeps its workers, and they the process", async () => {
  assert.deepEqual(await child("open"), { killed: true, stdout: "done\n", stderr: "" });
});
