import assert from "node:assert/strict";
import { denoHost } from "../../core/experiment/host.ts";
import { readCheckpoint } from "../../core/experiment/cells/checkpoint_file.ts";
import { encodeSafetensors } from "../../core/train/checkpoint.ts";
import { bytesIn } from "../folders.ts";
import { allLeft } from "./mortal.ts";
import { runTiny, testInFolder, Watch } from "./tiny.ts";

const asked = { arms: ["narrow"], seeds: [0] };
const CELL = "narrow-s0";

/** What is left of a file; nothing, where it is gone. */
type Damage = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> | undefined;

const cutTo = (length: (all: number) => number): Damage => (bytes) =>
  bytes.slice(0, length(bytes.length));
const flippedAt = (at: (bytes: Uint8Array<ArrayBuffer>) => number): Damage => (bytes) => {
  const flipped = bytes.slice();
  flipped[at(bytes)]! ^= 1;
  return flipped;
};
/** Of a checkpoint: where its data begin. */
const header = (bytes: Uint8Array<ArrayBuffer>) =>
  8 + new DataView(bytes.buffer).getUint32(0, true);
const gone: Damage = () => undefined;
const textAt = (text: string): Damage =>
  flippedAt((bytes) => {
    const at = new TextDecoder("latin1").decode(bytes).indexOf(text);
    assert.ok(at >= 0, `${text} stands nowhere`);
    return at + text.length;
  });

const RECORD_CUTS: Readonly<Record<string, Damage>> = {
  "of nothing": cutTo(() => 0),
  "of a byte": cutTo(() => 1),
  "of a half": cutTo((all) => all >> 1),
  "without its end": cutTo((all) => all - 2),
};

/** By file: how it is damaged, and the error that a resume ends with. */
const REFUSED: readonly (readonly [string, Readonly<Record<string, Damage>>, string])[] = [
  ["run.json", RECORD_CUTS, "DeclarationError"],
  ["run.json", { "that is gone": gone }, "HostError"],
  [`${CELL}/cell.json`, RECORD_CUTS, "DeclarationError"],
  [`${CELL}/checkpoint.safetensors`, {
    "of nothing": cutTo(() => 0),
    "cut in the header's length": cutTo(() => 5),
    "cut before the header": cutTo(() => 8),
    "cut in the header": cutTo(() => 200),
    "cut before the data": (bytes) => bytes.slice(0, header(bytes)),
    "cut in the data": cutTo((all) => all >> 1),
    "without its last byte": cutTo((all) => all - 1),
    "with another step": textAt('\\"step\\":'),
    "with another digest": textAt('"sha256":"'),
    "with another weight": flippedAt((bytes) => header(bytes) + 1000),
    "with another moment": flippedAt((bytes) => bytes.length - 1000),
  }, "CheckpointError"],
  [`${CELL}/metrics.csv`, {
    "of nothing": cutTo(() => 0),
    "shorter than its checkpoint says": cutTo((all) => all - 1),
    "that is gone": gone,
  }, "HostError"],
];

/** What leaves a run that can be gone on with. */
const HARMLESS: readonly (readonly [string, string, Damage])[] = [
  ["run.json", "without its last line break", cutTo((all) => all - 1)],
  [`${CELL}/cell.json`, "that is gone", gone],
  [`${CELL}/checkpoint.safetensors`, "that is gone", gone],
  [`${CELL}/metrics.csv`, "with half a line more", (bytes) => Uint8Array.of(...bytes, 55, 44, 116)],
];

async function replace(path: string, bytes: Uint8Array | undefined): Promise<void> {
  if (bytes === undefined) await Deno.remove(path);
  else await Deno.writeFile(path, bytes);
}

testInFolder(
  "a resume refuses what is damaged by its name, and changes nothing",
  async (folder) => {
    const whole = await runTiny(folder, asked);
    const { folder: run } = await runTiny(folder, { ...asked, watch: new Watch(6) });
    for (const [name, damages, expected] of REFUSED) {
      const path = `${run}/${name}`;
      const sound = await Deno.readFile(path);
      for (const [how, damage] of Object.entries(damages)) {
        await replace(path, damage(sound));
        const before = await bytesIn(run);
        await assert.rejects(runTiny(folder, { resume: run }), (error: Error) => {
          assert.equal(error.name, expected, `${name} ${how}: ${error.stack}`);
          assert.ok(error.message.startsWith(path), `${name} ${how}: ${error.message}`);
          assert.doesNotMatch(error.message, /\n/);
          return true;
        });
        assert.deepEqual(await bytesIn(run), before, `${name} ${how}`);
      }
      await Deno.writeFile(path, sound);
    }
    await runTiny(folder, { resume: run });
    assert.deepEqual(await allLeft(run), await allLeft(whole.folder));
  },
);

for (const [name, how, damage] of HARMLESS) {
  testInFolder(`a run with a ${name} ${how} is gone on with to the same bits`, async (folder) => {
    const whole = await runTiny(folder, asked);
    const { folder: run } = await runTiny(folder, { ...asked, watch: new Watch(6) });
    await replace(`${run}/${name}`, damage(await Deno.readFile(`${run}/${name}`)));
    await runTiny(folder, { resume: run });
    assert.deepEqual(await allLeft(run), await allLeft(whole.folder));
  });
}

testInFolder("a checkpoint from before there were digests is gone on with", async (folder) => {
  const whole = await runTiny(folder, asked);
  const { folder: run } = await runTiny(folder, { ...asked, watch: new Watch(6) });
  const path = `${run}/${CELL}/checkpoint.safetensors`;
  const { tensors, metadata } = await readCheckpoint(denoHost, path);
  const named = Array.from(tensors, ([name, tensor]) => ({ name, ...tensor }));
  await Deno.writeFile(path, encodeSafetensors(named, metadata));
  const watch = new Watch();
  await runTiny(folder, { resume: run, watch });
  const [[, from]] = watch.started as [[string, number]];
  assert.ok(from >= 6);
  assert.equal(watch.steps, 12 - from);
  assert.deepEqual(await allLeft(run), await allLeft(whole.folder));
});
