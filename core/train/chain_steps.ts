/** Steps between two weight digests of a cell's chain. */
export const CHAIN_STEPS = 100;
