import assert from "node:assert/strict";
import fc from "fast-check";
import type { Part } from "../../../core/experiment/claims/claim.ts";
import {
  holdAgainst,
  type Outcome,
  type Value,
} from "../../../core/experiment/claims/criterion.ts";

type Criterion = Pick<Part, "compare" | "value" | "tolerance" | "minSeeds">;

function hold(part: Partial<Criterion>, ...values: Value[]): Outcome {
  const samples = values.map((value, seed) => ({ seed, value }));
  return holdAgainst({ compare: "above", value: 0, minSeeds: 1, ...part }, samples);
}

Deno.test("above t is decided by the whole interval", () => {
  assert.equal(hold({ value: 1 }, 2, 2.1, 2.2).verdict, "supported");
  assert.equal(hold({ value: 3 }, 2, 2.1, 2.2).verdict, "refuted");
  const between = hold({ value: 2.1 }, 2, 2.1, 2.2);
  assert.equal(between.verdict, "inconclusive");
  assert.equal(between.reason, "the interval from 1.852 to 2.348 does not lie on one side of 2.1");
});

Deno.test("below t is above t the other way round", () => {
  assert.equal(hold({ compare: "below", value: 3 }, 2, 2.1, 2.2).verdict, "supported");
  assert.equal(hold({ compare: "below", value: 1 }, 2, 2.1, 2.2).verdict, "refuted");
  assert.equal(hold({ compare: "below", value: 2.1 }, 2, 2.1, 2.2).verdict, "inconclusive");
});

Deno.test("within m needs the whole interval inside, and all of it outside to be refuted", () => {
  const within = (m: number, ...values: number[]) =>
    hold({ compare: "within", value: m }, ...values);
  assert.equal(within(1, -0.1, 0, 0.1).verdict, "supported");
  assert.equal(within(1, 2, 2.1, 2.2).verdict, "refuted");
  assert.equal(within(1, -2, -2.1, -2.2).verdict, "refuted");
  const wide = within(1, -2, 0, 2);
  assert.equal(wide.verdict, "inconclusive");
  assert.equal(wide.reason, "the interval from -4.968 to 4.968 lies partly outside -1 to 1");
});

Deno.test("a point on the threshold has not crossed it, but lies within it", () => {
  assert.equal(hold({ value: 1 }, 1, 1).verdict, "inconclusive");
  assert.equal(hold({ compare: "below", value: 1 }, 1, 1).verdict, "inconclusive");
  assert.equal(hold({ compare: "within", value: 1 }, -1, -1).verdict, "supported");
});

Deno.test("fewer seeds than asked for decide nothing, however clear they are", () => {
  for (const compare of ["above", "below", "within", "exact", "occurs"] as const) {
    const { verdict, reason } = hold({ compare, value: 1, minSeeds: 5 }, 1, 1);
    assert.deepEqual({ verdict, reason }, { verdict: "inconclusive", reason: "2 seeds of 5" });
  }
  assert.equal(hold({ minSeeds: 2 }, 9).reason, "1 seed of 2");
  assert.deepEqual(hold({}), {
    verdict: "inconclusive",
    n: 0,
    seeds: [],
    exact: false,
    reason: "0 seeds of 1",
  });
});

Deno.test("values that agree to the bit are exact, and so is one where one is asked for", () => {
  assert.deepEqual(hold({ value: 1 }, 2, 2), {
    verdict: "supported",
    n: 2,
    seeds: [0, 1],
    mean: 2,
    sd: 0,
    interval: [2, 2],
    exact: true,
    measured: 2,
  });
  const one = hold({ value: 1 }, 2);
  assert.equal(one.verdict, "supported");
  assert.deepEqual(one.interval, [2, 2]);
  assert.equal(one.exact, true);
  const oneOfTwo = hold({ value: 1, minSeeds: 2 }, 2);
  assert.equal(oneOfTwo.exact, false);
  assert.equal(oneOfTwo.interval, undefined);
  assert.equal(hold({ value: 1 }, 2, 2.5).exact, false);
});

Deno.test("exact asks every seed for the value, give or take the tolerance", () => {
  const exact = { compare: "exact", value: 26 } as const;
  assert.equal(hold(exact, 26).verdict, "supported");
  assert.equal(hold(exact, 26 + 1e-12).verdict, "refuted");
  assert.equal(hold({ ...exact, tolerance: 0.5 }, 25.5, 26.5).verdict, "supported");
  assert.equal(hold({ ...exact, tolerance: 0.5 }, 25.4, 26.6).verdict, "refuted");
  const split = hold(exact, 26, 27, 26, 28);
  assert.equal(split.verdict, "inconclusive");
  assert.equal(split.reason, "the seeds disagree: not so in 1, 3");
});

Deno.test("exact compares lists place by place", () => {
  const exact = { compare: "exact", value: [4, 5, 3, 4] } as const;
  const right = hold(exact, [4, 5, 3, 4]);
  assert.deepEqual(right, {
    verdict: "supported",
    n: 1,
    seeds: [0],
    exact: true,
    measured: [4, 5, 3, 4],
  });
  const wrong = hold(exact, [4, 5, 7, 4]);
  assert.equal(wrong.verdict, "refuted");
  assert.equal(wrong.reason, "number 3 of 4 came out as 7, 3 was expected");
  const long = hold(exact, [4, 5, 3, 4, 0]);
  assert.equal(long.verdict, "refuted");
  assert.equal(long.reason, "5 numbers came out where 4 were expected");
  assert.equal(hold(exact, [4, 5, 3]).verdict, "refuted");
  assert.equal(hold({ ...exact, tolerance: 0.1 }, [4.1, 5, 3, 3.9]).verdict, "refuted");
  assert.equal(hold({ ...exact, tolerance: 0.125 }, [4.125, 5, 3, 3.9]).verdict, "supported");
});

Deno.test("exact shows the list that is wrong, and whether all seeds have the same", () => {
  const exact = { compare: "exact", value: [1, 2] } as const;
  const split = hold(exact, [1, 2], [1, 3]);
  assert.deepEqual(split.measured, [1, 3]);
  assert.equal(split.exact, false);
  assert.equal(split.verdict, "inconclusive");
  assert.equal(hold(exact, [1, 2], [1, 2]).exact, true);
  assert.equal(hold({ ...exact, minSeeds: 2 }, [1, 2]).exact, false);
});

Deno.test("occurs is supported by one seed that lies above the value", () => {
  const seen = hold({ compare: "occurs", value: 0.5 }, 0, 0.5, 0.6, 0);
  assert.equal(seen.verdict, "supported");
  assert.deepEqual(seen.occurredIn, [2]);
  assert.equal(seen.upperBound, undefined);
});

Deno.test("occurs without any such seed is not seen, with the bound that n seeds leave", () => {
  const unseen = hold({ compare: "occurs", value: 0.5 }, 0, 0.5, 0.1, 0, 0);
  assert.equal(unseen.verdict, "not seen");
  assert.deepEqual(unseen.occurredIn, []);
  assert.equal(unseen.upperBound, 1 - 0.05 ** (1 / 5));
  assert.equal(unseen.reason, "in none of 5 seeds; it may still occur in up to 45 % of seeds");
});

Deno.test("no finite numbers make it throw, and turning them around turns above into below", () => {
  const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 6 });
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(fc.property(values, number, (numbers, value) => {
    const above = hold({ compare: "above", value }, ...numbers);
    const below = hold({ compare: "below", value: -value }, ...numbers.map((x) => -x));
    assert.equal(above.verdict, below.verdict);
  }));
});
