/** The committed module is what its sources give, and a difference is reported. */
import assert from "node:assert/strict";
import { testInFolder } from "../experiment/tiny.ts";

const SOURCES = "core/wasm";
const BUILD = "tests/wasm";

/** Copies sources and builder below `folder` and checks there. */
async function check(folder: string, change: (path: string) => Promise<void>) {
  for (const room of [SOURCES, BUILD]) {
    await Deno.mkdir(`${folder}/${room}`, { recursive: true });
    for await (const { name } of Deno.readDir(room)) {
      await Deno.writeTextFile(
        `${folder}/${room}/${name}`,
        await Deno.readTextFile(`${room}/${name}`),
      );
    }
  }
  await change(`${folder}/${SOURCES}`);
  const { code, stderr } = await new Deno.Command("deno", {
    args: [
      ...["run", "--quiet", "--config", `${folder}/${BUILD}/deno.json`, "--no-prompt"],
      ...["--allow-read", "--allow-env=CI", `${folder}/${BUILD}/build.ts`, "--check"],
    ],
    env: { NO_COLOR: "1" },
  }).output();
  return { code, text: new TextDecoder().decode(stderr) };
}

testInFolder("the check is content with what is committed", async (folder) => {
  assert.deepEqual(await check(folder, () => Promise.resolve()), { code: 0, text: "" });
});

testInFolder("a module other than its sources is reported with what to do", async (folder) => {
  const outcome = await check(folder, async (wasm) => {
    const source = await Deno.readTextFile(`${wasm}/sum.ts`);
    await Deno.writeTextFile(`${wasm}/sum.ts`, source.replace("+= row", "+= row + 0 * length"));
    await Deno.writeTextFile(
      `${wasm}/adam.ts`,
      (await Deno.readTextFile(`${wasm}/adam.ts`)).replace("f32x4.sqrt(v)", "v"),
    );
  });
  assert.deepEqual(outcome, {
    code: 1,
    text: "error: core/wasm/kernels.b64 is not what core/wasm gives; run `deno task wasm`\n",
  });
});

testInFolder("a source that does not compile is reported with its line", async (folder) => {
  const { code, text } = await check(folder, async (wasm) => {
    await Deno.writeTextFile(`${wasm}/pad.ts`, "export function pad(): void { return x; }\n");
  });
  assert.equal(code, 1);
  assert.match(text, /core\/wasm does not compile[\s\S]*in pad\.ts\(1,38\)/);
});
