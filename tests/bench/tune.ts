/** `deno task bench --tune`: candidates for a row of core/ops/tiles.ts, measured on this adapter. */
import matmulWgsl from "../../shaders/matmul.wgsl" with { type: "text" };
import type { Device } from "../../core/device/device.ts";
import type { Kernel, Program } from "../../core/device/program.ts";
import { withStages } from "../../core/ops/elementwise.ts";
import { productDispatch } from "../../core/ops/product.ts";
import { type MeasuredTile, type Tile, tileRow } from "../../core/ops/tiles.ts";
import { plan } from "./contestant.ts";
import { median } from "./figures.ts";
import { prepareKernel } from "./ours.ts";
import { repeat } from "./row.ts";

/** Every candidate divides it. */
const SHAPE = { m: 3072, k: 256, n: 768 };
const ROWS = [4, 8, 12, 16, 24], VECTORS = [1, 2, 3, 4, 6];
/** Workgroups of staged tiles: [down, across]. */
const WORKGROUPS = [[8, 8], [16, 8], [8, 16], [16, 16]] as const;
/** Outputs of an invocation: with more, sums leave the registers of any adapter. */
const MOST_OUTPUTS = 384;
/** WebGPU's default limit of workgroup memory, for operands of 16 products. */
const MOST_STAGED = 16384 / (16 * 4);

/** Measures all candidates; the answer is the table's row as TypeScript, the fastest tile first. */
export async function proposeTiles(
  device: Device,
  rounds: number,
  announce: (what: string) => void,
): Promise<string[]> {
  const row = tileRow(device.info);
  const measured: MeasuredTile[] = [];
  for (const tile of candidates(row.staged)) {
    announce(`${tile.rows} x ${4 * tile.vectors} outputs, ${tile.down} x ${tile.across}`);
    measured.push({ ...tile, rate: await rateOf(device, tile, rounds) });
  }
  measured.sort((a, b) => b.rate - a.rate);
  return [
    `${row.name} on ${device.info.name}, GFLOP/s at ${Object.values(SHAPE).join("x")}:`,
    ...measured.map((tile) =>
      `{ ${Object.entries(tile).map(([k, v]) => `${k}: ${v}`).join(", ")} },`
    ),
  ];
}

function candidates(staged: boolean): Tile[] {
  const workgroups = staged ? WORKGROUPS : [[8, 1]] as const;
  return ROWS.flatMap((rows) =>
    VECTORS.flatMap((vectors) =>
      workgroups.map(([down, across]) => ({ rows, vectors, down, across }))
    )
  ).filter(({ rows, vectors, down, across }) =>
    rows * vectors * 4 <= MOST_OUTPUTS &&
    (!staged || rows * down + 4 * vectors * across <= MOST_STAGED)
  );
}

async function rateOf(device: Device, tile: Tile, rounds: number): Promise<number> {
  const { m, k, n } = SHAPE;
  const table = { ...tileRow(device.info), tiles: [{ ...tile, rate: 1 }] };
  const kernel: Kernel = withStages({
    name: "matmul",
    bindings: (["read", "read", "write"] as const).map((access) => ({ type: "f32", access })),
    dispatch: (adapter) =>
      productDispatch(adapter, {
        wgsl: matmulWgsl,
        constants: { A_ROW: k, A_COLUMN: 1 },
        ...{ rows: m, columns: n, bRow: n, segments: 1, length: k, aligned: true },
      }, table),
    reference() {
      throw new TypeError("tiles are measured on adapters only");
    },
  }, []);
  const states = [m * k, k * n, m * n].map((length, i) => ({
    ...{ kind: "state", type: "f32" } as const,
    ...{ name: `operand${i}`, length },
  }));
  const program: Program = {
    name: "tile",
    buffers: states,
    steps: [{
      kernel,
      label: "matmul",
      slices: states.map(({ length }, buffer) => ({ buffer, offset: 0, length })),
    }],
  };
  const prepared = await prepareKernel(device, {
    program,
    inputs: states.slice(0, 2),
    result: "operand2",
  });
  try {
    const { runs } = await plan(prepared);
    const seconds = await repeat(rounds, async () => await prepared.run(runs) / runs);
    return Number((2 * m * k * n / median(seconds) / 1e9).toPrecision(3));
  } finally {
    prepared.close();
  }
}
