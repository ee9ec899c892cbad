/** How the invocations of a kernel are laid out over workgroups. */

/** Invocations per workgroup in every kernel; WebGPU's default limit is 256. */
export const WORKGROUP = 64;

const MAX_WORKGROUPS = 65535;

/** Workgroup counts of a dispatch. */
export type Workgroups = readonly [number, number, number];

/**
 * One invocation per element, wrapped into a second dimension where one is too short. The kernel
 * computes its element as `id.y * ROW + id.x` with `ROW` from here, and returns beyond `COUNT`.
 */
export function linear(count: number): {
  workgroups: Workgroups;
  constants: { COUNT: number; ROW: number };
} {
  const groups = Math.ceil(count / WORKGROUP);
  const rows = Math.ceil(groups / MAX_WORKGROUPS);
  const columns = Math.ceil(groups / rows);
  return {
    workgroups: [columns, rows, 1],
    constants: { COUNT: count, ROW: columns * WORKGROUP },
  };
}
