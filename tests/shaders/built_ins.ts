/**
 * The built-in functions that a kernel may call, with the type of their results: those that are
 * exact or compute with integers, and the barriers of memory. Of exp, sqrt, dot, mix, round, pack...,
 * dpdx, subgroupAdd and all that does not stand here, the result or the order of the sum is a
 * vendor's choice; atomics reach floats by comparing and swapping.
 */
export const BUILT_INS: ReadonlyMap<string, "same" | "u32" | "bool" | "nothing"> = new Map([
  // As f32 they choose or cut, and round nothing.
  ...all("same", "abs clamp floor max min select sign trunc"),
  // Only as a spelling of products: contract.ts.
  ...all("same", "fma"),
  ...all("same", "countLeadingZeros countOneBits countTrailingZeros extractBits firstLeadingBit"),
  ...all("same", "firstTrailingBit insertBits reverseBits"),
  ...all("u32", "arrayLength"),
  ...all("bool", "all any"),
  ...all("nothing", "storageBarrier workgroupBarrier"),
]);

function all<Kind extends string>(kind: Kind, names: string): [string, Kind][] {
  return names.split(" ").map((name) => [name, kind]);
}
