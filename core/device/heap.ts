/** Memory that threads and SIMD kernels share: one growing WebAssembly.Memory, allocated first-fit. */
import { DeviceError } from "./device.ts";

const PAGE = 65_536;
const MAX_PAGES = 65_536;
/** Blocks start at multiples of a cache line. */
const ALIGNMENT = 64;
/** Bytes after the last block: a kernel may load, and throw away, what follows a row. */
const GUARD = 64;

interface Block {
  readonly address: number;
  readonly bytes: number;
}

/** Blocks of one shared memory; the first `reserved` bytes belong to the owner. */
export class Heap {
  readonly memory: WebAssembly.Memory;
  readonly #reserved: number;
  /** In order of address. */
  readonly #blocks: Block[] = [];

  /** @throws {DeviceError} when the machine gives no shared memory. */
  constructor(reserved: number) {
    this.#reserved = aligned(reserved);
    try {
      this.memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true });
    } catch (cause) {
      throw new DeviceError("the cpu device could not reserve 4 GiB of addresses", { cause });
    }
  }

  /**
   * The address of `bytes` bytes of zeros.
   *
   * @throws {DeviceError} when they do not fit.
   */
  allocate(bytes: number): number {
    let address = this.#reserved;
    let index = 0;
    for (const block of this.#blocks) {
      if (block.address - address >= bytes) break;
      address = aligned(block.address + block.bytes);
      index++;
    }
    this.#grow(address + bytes + GUARD);
    this.#blocks.splice(index, 0, { address, bytes });
    new Uint8Array(this.memory.buffer, address, bytes).fill(0);
    return address;
  }

  /** Gives a block back. */
  free(address: number): void {
    const index = this.#blocks.findIndex((block) => block.address === address);
    this.#blocks.splice(index, 1);
  }

  #grow(end: number): void {
    const missing = Math.ceil((end - this.memory.buffer.byteLength) / PAGE);
    if (missing <= 0) return;
    try {
      this.memory.grow(missing);
    } catch (cause) {
      throw new DeviceError(
        `the cpu device could not allocate ${(end / 2 ** 20).toFixed(0)} MiB of at most 4096; ` +
          "use a smaller batch",
        { cause },
      );
    }
  }
}

function aligned(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT;
}
