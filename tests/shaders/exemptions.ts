/** A line that may stand against a rule; when it is mended or gone, its exemption goes too. */
export interface Exemption {
  /** The rule's name, or a part of it. */
  readonly rule: string;
  /** The line, or a part of it. */
  readonly line: string;
  readonly because: string;
}

const ASKS = "the probe asks a driver for what the rules forbid";

/** All of them. */
export const EXEMPTIONS: readonly Exemption[] = [
  {
    rule: "a float becomes an integer",
    line: "return bitcast<f32>(bitcast<u32>(y) + (bitcast<u32>(i32(n)) << 23u));",
    because: "exp: n = floor(x / ln 2 + 1/2) is from -126 to 128, by the tests of x before it",
  },
  {
    rule: "a float becomes an integer",
    line: "let quadrant = bitcast<u32>(i32(n)) + quarters;",
    because: "sin and cos: |n| is at most 5216, since |x| is at most 8192 or no number comes out",
  },
  {
    rule: "a float that is stored",
    line: "y[i] = random_uniform(stream, step[0], i);",
    because: "it is 0 or at least 2^-24",
  },
  {
    rule: "a product that goes into a sum",
    line: "output[3u * COUNT + i] = a * b + c;",
    because: ASKS,
  },
  { rule: "terms that share a factor", line: "s = s + mul(b, c);", because: ASKS },
  { rule: "terms that share a factor", line: "s = s + mul(c, a);", because: ASKS },
  { rule: "nothing is taken", line: "output[4u * COUNT + i] = (a + b) - b;", because: ASKS },
  { rule: "a float that is stored", line: "output[i] = c + mul(a, b);", because: ASKS },
  { rule: "a float that is stored", line: "output[COUNT + i] = s;", because: ASKS },
  {
    rule: "a float that is stored",
    line: "output[2u * COUNT + i] = barrier(a * b) + mul(c, a);",
    because: ASKS,
  },
  { rule: "a float that is stored", line: "output[3u * COUNT + i] = a * b + c;", because: ASKS },
  { rule: "a float that is stored", line: "output[4u * COUNT + i] = (a + b) - b;", because: ASKS },
  { rule: "a float that is stored", line: "output[5u * COUNT + i] = a * tiny;", because: ASKS },
  {
    rule: "a float that is stored",
    line: "output[6u * COUNT + i] = sums[i & 3u];",
    because: ASKS,
  },
];
