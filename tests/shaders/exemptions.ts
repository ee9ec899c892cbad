/** A line that may stand against a rule; when it is mended or gone, its exemption goes too. */
export interface Exemption {
  /** The rule's name, or a part of it. */
  readonly rule: string;
  /** The line, or a part of it. */
  readonly line: string;
  /** Only in texts whose names hold this. */
  readonly only?: string;
  readonly because: string;
}

/** The probe asks a driver for what the rules forbid. */
const ASKED: readonly (readonly [rule: string, line: string])[] = [
  ["a product that goes into a sum", "output[3u * COUNT + i] = a * b + c;"],
  ["terms that share a factor", "s = s + mul(b, c);"],
  ["terms that share a factor", "s = s + mul(c, a);"],
  ["nothing is taken", "output[4u * COUNT + i] = (a + b) - b;"],
  ["a float that is stored", "output[i] = c + mul(a, b);"],
  ["a float that is stored", "output[COUNT + i] = s;"],
  ["a float that is stored", "output[2u * COUNT + i] = barrier(a * b) + mul(c, a);"],
  ["a float that is stored", "output[3u * COUNT + i] = a * b + c;"],
  ["a float that is stored", "output[4u * COUNT + i] = (a + b) - b;"],
  ["a float that is stored", "output[5u * COUNT + i] = a * tiny;"],
  ["a float that is stored", "output[6u * COUNT + i] = sums[i & 3u];"],
];

/** All of them. */
export const EXEMPTIONS: readonly Exemption[] = [
  {
    rule: "a float becomes an integer",
    line: "return bitcast<f32>(bitcast<u32>(y) + (bitcast<u32>(i32(n)) << 23u));",
    because: "exp: n = floor(x / ln 2 + 1/2) is from -126 to 128, by the tests of x before it",
  },
  {
    rule: "a float becomes an integer",
    line: "let power = bitcast<f32>((bitcast<u32>(i32(n)) << 23u) + 0x3f800000u);",
    because: "expm1: n is from -26 to 0, since x is from -18 to 0 or returned from before it",
  },
  {
    rule: "a float becomes an integer",
    line: "let quadrant = bitcast<u32>(i32(n)) + quarters;",
    because: "sin and cos: |n| is at most 5216, since |x| is at most 8192 or no number comes out",
  },
  {
    rule: "a float becomes an integer",
    line: "at = 1u + min(u32(barrier(value - FROM) * SCALE), BINS - 1u);",
    because: "histogram: value is from FROM to below TO by the tests before it, so bins at most",
  },
  {
    rule: "a sum starts from what was loaded",
    line: "at = 1u + min(u32(barrier(value - FROM) * SCALE), BINS - 1u);",
    because: "histogram: where FROM is 0, value - 0 is value whatever a driver makes of it",
  },
  {
    rule: "a float that is stored",
    line: "y[i] = random_uniform(stream, step[0], i);",
    because: "it is 0 or at least 2^-24",
  },
  ...ASKED.map(([rule, line]) => ({
    rule,
    line,
    only: "probe",
    because: "it is what the probe asks",
  })),
];
