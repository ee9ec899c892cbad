import assert from "node:assert/strict";

/** A process that is killed if it goes on for 2 s after all that it has to say, or for 30 s. */
async function child(closing: "close" | "open") {
  const process = new Deno.Command("deno", {
    args: ["run", "--quiet", "--no-prompt", "tests/wasm/worker_child.ts", closing],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(process.stderr).text();
  let stdout = "";
  const kill = () => process.kill("SIGKILL");
  let timer = setTimeout(kill, 30_000);
  for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
    stdout += text;
    if (closing === "close") continue;
    clearTimeout(timer);
    timer = setTimeout(kill, 2_000);
  }
  const { signal } = await process.status;
  clearTimeout(timer);
  return { killed: signal === "SIGKILL", stdout, stderr: await stderr };
}

Deno.test("close() ends the workers, so that the process ends; they need no permission", async () => {
  assert.deepEqual(await child("close"), { killed: false, stdout: "done\n", stderr: "" });
});

Deno.test("a device that stays open keeps its workers, and they the process", async () => {
  assert.deepEqual(await child("open"), { killed: true, stdout: "done\n", stderr: "" });
});
