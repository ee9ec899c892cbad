import assert from "node:assert/strict";
import {
  formatBytes,
  formatNumber,
  formatSeconds,
  formatSummary,
  formatValue,
} from "../../../core/experiment/records/format.ts";

Deno.test("formatNumber() and formatSummary() give shares, points and counts as people say them", () => {
  assert.equal(formatNumber(0.6213, "share"), "62.1 %");
  assert.equal(formatNumber(0.05, "points"), "5.0 points");
  assert.equal(formatNumber(-0.0004, "points"), "0.0 points");
  assert.equal(formatNumber(1234567), "1,234,567");
  assert.equal(formatNumber(0.0123456), "0.01235");
  assert.equal(formatNumber(12345.678), "12,350");
  const summary = { mean: 0.6213, interval: [0.6, 0.642], exact: false } as const;
  assert.equal(formatSummary(summary, "share"), "62.1 % [60.0, 64.2]");
  const none = { mean: 0.0001, interval: [-0.0002, 0.0004], exact: false } as const;
  assert.equal(formatSummary(none, "share"), "0.0 % [0.0, 0.0]");
  assert.equal(formatSummary({ mean: 2.5, interval: [2, 3], exact: false }), "2.5 [2, 3]");
  assert.equal(formatSummary({ mean: 7, interval: [7, 7], exact: true }), "7");
  const many = Array.from({ length: 12 }, (_, i) => i);
  assert.equal(formatValue(many), "0, 1, 2, 3, 4, 5, 6, 7, 8, … (12 numbers)");
});

Deno.test("formatSeconds() and formatBytes() round to what matters", () => {
  const seconds = [0.2, 1, 59.6, 61, 119.7, 125, 599.9, 3599, 3600, 7501].map((s) =>
    formatSeconds(s)
  );
  assert.deepEqual(seconds, [
    "less than 1 s",
    "1 s",
    "1 min",
    "1 min 1 s",
    "2 min",
    "2 min 5 s",
    "10 min",
    "1 h",
    "1 h",
    "2 h 5 min",
  ]);
  assert.equal(formatSeconds(0.2, "about "), "less than 1 s");
  assert.equal(formatSeconds(5, "about "), "about 5 s");
  assert.deepEqual([1, 999_500, 2.4e6, 47e6, 1.5e9].map(formatBytes), [
    "1 kB",
    "1000 kB",
    "2.4 MB",
    "47 MB",
    "1.5 GB",
  ]);
});
