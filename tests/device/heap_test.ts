import assert from "node:assert/strict";
import { Heap } from "../../core/device/heap.ts";

Deno.test("allocate() gives zeros that overlap nothing, on cache lines of their own", () => {
  const heap = new Heap(100);
  const sizes = [1, 64, 65, 200_000, 4];
  const blocks = sizes.map((bytes) => ({ bytes, address: heap.allocate(bytes) }));
  let free = 100;
  for (const { bytes, address } of blocks) {
    assert.ok(address >= free && address % 64 === 0);
    const view = new Uint8Array(heap.memory.buffer, address, bytes);
    assert.ok(view.every((byte) => byte === 0));
    view.fill(255);
    free = address + bytes;
  }
});

Deno.test("a block that was given back is the first to be used again, with zeros", () => {
  const heap = new Heap(0);
  const [first, second] = [heap.allocate(640), heap.allocate(640)];
  new Uint8Array(heap.memory.buffer, first, 640).fill(255);
  heap.free(first);
  assert.equal(heap.allocate(641), second + 640);
  assert.equal(heap.allocate(320), first);
  assert.ok(new Uint8Array(heap.memory.buffer, first, 320).every((byte) => byte === 0));
  assert.equal(heap.allocate(320), first + 320);
});

Deno.test("64 bytes after the last block can be read", () => {
  const heap = new Heap(0);
  for (let bytes = 65_536 - 128; bytes <= 65_536 + 128; bytes += 4) {
    const address = heap.allocate(bytes);
    assert.ok(heap.memory.buffer.byteLength >= address + bytes + 64);
    heap.free(address);
  }
});

for (const bytes of [2 ** 32 - 64, 2 ** 32, 2 ** 40, 2 ** 53]) {
  Deno.test(`${bytes} bytes are refused, and the heap lives on`, () => {
    const heap = new Heap(0);
    const before = heap.allocate(64);
    assert.throws(() => heap.allocate(bytes), {
      name: "DeviceError",
      message: /could not allocate \d+ MiB of at most 4096; use a smaller batch/,
    });
    assert.equal(heap.allocate(64), before + 64);
  });
}
