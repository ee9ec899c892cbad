import assert from "node:assert/strict";
import {
  type AnyLayer,
  breachOf,
  type Guideline,
  type Pair,
} from "../../../core/experiment/measures/guidelines.ts";

const up = (more: Partial<AnyLayer> = {}): AnyLayer => ({
  layer: "conv2dTranspose",
  kernel: 4,
  stride: 2,
  padding: 1,
  ...more,
});
const down = (more: Partial<AnyLayer> = {}): AnyLayer => ({ ...up(more), layer: "conv2d" });
const [batchNorm, relu, leakyRelu, tanh, sigmoid, dense, flatten, reshape, dropout] = [
  ...["batchNorm", "relu", "leakyRelu", "tanh", "sigmoid", "dense", "flatten", "reshape"],
  "dropout",
].map((layer): AnyLayer => ({ layer }));
const first = up({ kernel: 7, stride: 1, padding: 0 });
const last = down({ kernel: 7, stride: 1, padding: "valid" });
const keeping = down({ kernel: 3, stride: 1, padding: "same" });
const upsample = { layer: "upsample", size: 2 };
const maxPool = { layer: "maxPool", size: 2 };

/** Obeys all five: 1 x 1 to 7 x 7 to 28 x 28 and back. */
const MAIN = {
  generator: [first, batchNorm!, relu!, up(), batchNorm!, relu!, up(), tanh!],
  discriminator: [down(), leakyRelu!, down(), batchNorm!, leakyRelu!, last, flatten!],
};

const GUIDELINES: readonly Guideline[] = [1, 2, 3, 4, 5];

/** What a pair breaks, by guideline. */
function breaches(pair: Partial<Record<keyof Pair, readonly (AnyLayer | undefined)[]>>) {
  const whole = { ...MAIN, ...pair } as Pair;
  return Object.fromEntries(
    GUIDELINES.map((guideline) => [guideline, breachOf(guideline, whole)] as const)
      .filter(([, breach]) => breach !== undefined),
  );
}

Deno.test("a net with strided convolutions, batchNorm, relu, tanh and leakyRelu obeys all", () => {
  assert.deepEqual(breaches({}), {});
});

Deno.test("layers that the guidelines do not speak of break none", () => {
  assert.deepEqual(
    breaches({
      generator: [reshape, first, relu, batchNorm, keeping, batchNorm, relu, up(), tanh, reshape],
      discriminator: [down(), leakyRelu, dropout, keeping, leakyRelu, batchNorm, last, batchNorm],
    }),
    {},
  );
  const ends = { discriminator: [down(), leakyRelu, flatten, dense, sigmoid] };
  assert.deepEqual(breaches(ends), {}, "a dense layer at the end is the output");
});

Deno.test("guideline 1: pooling and upsampling break it, each by itself", () => {
  assert.deepEqual(
    breaches({ generator: [first, batchNorm, relu, upsample, keeping, tanh] }),
    { 1: "generator: upsample1 changes the size" },
  );
  const pooled = [keeping, leakyRelu, maxPool, keeping, batchNorm, leakyRelu, maxPool, last];
  assert.deepEqual(breaches({ discriminator: pooled }), {
    1: "discriminator: maxPool1 changes the size",
  });
  const average = [down(), leakyRelu, keeping, { layer: "globalAveragePool" }];
  assert.deepEqual(breaches({ discriminator: average }), {
    1: "discriminator: globalAveragePool1 changes the size",
  });
  assert.deepEqual(breaches({ generator: [upsample, ...MAIN.generator] }), {
    1: "generator: upsample1 changes the size",
  });
});

Deno.test("guideline 1: so do convolutions that change the size in another way", () => {
  const shrinking = down({ kernel: 3, stride: 1, padding: "valid" });
  const cases: [keyof Pair, (AnyLayer | undefined)[], string][] = [
    ["generator", [first, batchNorm, relu, up(), batchNorm, relu, down(), tanh], "conv2d1"],
    ["generator", [up(), batchNorm, relu, shrinking, tanh], "conv2d1"],
    ["discriminator", [down(), leakyRelu, up(), batchNorm, leakyRelu, last], "conv2dTranspose1"],
  ];
  for (const [side, net, layer] of cases) {
    const { 1: breach, ...others } = breaches({ [side]: net });
    assert.match(breach!, new RegExp(`^${side}: ${layer} (changes the size|makes maps larger)$`));
    assert.deepEqual(others, {});
  }
  const valid = [down(), leakyRelu, shrinking, batchNorm, leakyRelu, last];
  assert.deepEqual(breaches({ discriminator: valid }), {
    1: "discriminator: conv2d2 changes the size without a stride",
  });
  const padded = [down(), leakyRelu, { ...shrinking, padding: 1 }, batchNorm, leakyRelu, last];
  assert.deepEqual(breaches({ discriminator: padded }), {});
  const oblong = { ...shrinking, kernel: [3, 5], padding: 1 };
  const uneven = [down(), leakyRelu, oblong, batchNorm, leakyRelu, last];
  assert.deepEqual(Object.keys(breaches({ discriminator: uneven })), ["1"]);
});

Deno.test("guideline 1: nets without any strided convolution do not obey it", () => {
  assert.deepEqual(breaches({ generator: [first, batchNorm, relu, keeping, tanh] }), {
    1: "generator: no strided conv2dTranspose makes its maps larger",
  });
  assert.deepEqual(breaches({ discriminator: [keeping, leakyRelu, last] }), {
    1: "discriminator: no strided conv2d makes its maps smaller",
  });
});

Deno.test("guideline 2: a hidden layer without batchNorm breaks it, in either net", () => {
  assert.deepEqual(breaches({ generator: [first, relu, up(), batchNorm, relu, up(), tanh] }), {
    2: "generator: conv2dTranspose1 has no batchNorm",
  });
  const bare = [down(), leakyRelu, down(), leakyRelu, last];
  assert.deepEqual(breaches({ discriminator: bare }), {
    2: "discriminator: conv2d2 has no batchNorm",
  });
});

Deno.test("guideline 2: so does batchNorm at the generator's output or the discriminator's input", () => {
  assert.deepEqual(breaches({ generator: [...MAIN.generator, batchNorm] }), {
    2: "generator: conv2dTranspose3, the output layer, has batchNorm3",
  });
  const normal = [down(), batchNorm, leakyRelu, down(), batchNorm, leakyRelu, last];
  assert.deepEqual(breaches({ discriminator: normal }), {
    2: "discriminator: conv2d1, the input layer, has batchNorm1",
  });
  assert.deepEqual(breaches({ discriminator: [batchNorm, ...MAIN.discriminator] }), {
    2: "discriminator: batchNorm1 stands at the input",
  });
});

Deno.test("guideline 3: a dense hidden layer breaks it, in either net", () => {
  const projected = [dense, batchNorm, relu, reshape, ...MAIN.generator.slice(3)];
  assert.deepEqual(breaches({ generator: projected }), {
    3: "generator: dense1 is a dense hidden layer",
  });
  const { discriminator } = MAIN;
  const headed = [...discriminator.slice(0, 5), flatten, dense, batchNorm, leakyRelu, dense];
  assert.deepEqual(breaches({ discriminator: headed }), {
    3: "discriminator: dense1 is a dense hidden layer",
  });
});

Deno.test("guideline 4: another activation in the generator, or none, or another end, breaks it", () => {
  const [start, middle] = [[first, batchNorm], [up(), batchNorm]];
  const cases: [(AnyLayer | undefined)[], string][] = [
    [
      [...start, leakyRelu, ...middle, relu, up(), tanh],
      "conv2dTranspose1 is followed by leakyRelu1",
    ],
    [[...start, relu, ...middle, up(), tanh], "conv2dTranspose2 is followed by no activation"],
    [
      [...start, relu, ...middle, relu, relu, up(), tanh],
      "conv2dTranspose2 is followed by relu2 and relu3",
    ],
  ];
  for (const [generator, text] of cases) {
    assert.deepEqual(breaches({ generator }), { 4: `generator: ${text}, not by relu` });
  }
  const ended = (...ends: (AnyLayer | undefined)[]) =>
    breaches({ generator: [...MAIN.generator.slice(0, -1), ...ends] });
  assert.deepEqual(ended(sigmoid), {
    4: "generator: conv2dTranspose3 is followed by sigmoid1, not by tanh",
  });
  assert.deepEqual(ended(), {
    4: "generator: conv2dTranspose3 is followed by no activation, not by tanh",
  });
});

Deno.test("guideline 5: relu in the discriminator breaks it", () => {
  const discriminator = MAIN.discriminator.map((layer) => layer === leakyRelu ? relu : layer);
  assert.deepEqual(breaches({ discriminator }), {
    5: "discriminator: conv2d1 is followed by relu1, not by leakyRelu",
  });
  const late = [down(), leakyRelu, down(), batchNorm, relu, last];
  assert.deepEqual(breaches({ discriminator: late }), {
    5: "discriminator: conv2d2 is followed by relu1, not by leakyRelu",
  });
});

Deno.test("the lecture's dense listing breaks all five", () => {
  const selu = { layer: "selu" };
  const listing = {
    generator: [dense, selu, dense, selu, dense, sigmoid, reshape],
    discriminator: [flatten, dense, selu, dense, selu, dense],
  };
  assert.deepEqual(Object.keys(breaches(listing)), ["1", "2", "3", "4", "5"]);
});

Deno.test("a pair breaks a guideline by its generator first, and by its first layer", () => {
  const both = { generator: [dense, relu, dense, tanh], discriminator: [dense, relu, dense] };
  assert.equal(breachOf(3, both as Pair), "generator: dense1 is a dense hidden layer");
  assert.equal(
    breachOf(5, both as Pair),
    "discriminator: dense1 is followed by relu1, not by leakyRelu",
  );
});
