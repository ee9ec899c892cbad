import assert from "node:assert/strict";
import { imageGrid } from "../../reports/image_grid.ts";
import { table } from "../../reports/table.ts";

Deno.test("table() heads columns and rows, and spans what is left out below a cell", () => {
  const { text } = table({
    label: "Some < table",
    head: ["arm", "part", "n & more"],
    groups: [[["a", "one", 1], [undefined, "two", undefined], [undefined, "three", 3]], [[
      "b",
      "",
      4,
    ]]],
    narrow: "stack",
  });
  assert.match(text, /<div class="stack" role="region" aria-label="Some &lt; table" tabindex="0">/);
  assert.equal(text.match(/<th scope="col">/g)!.length, 3);
  assert.match(text, /<th scope="rowgroup" rowspan="3">a<\/th>/);
  assert.match(text, /<th scope="row" rowspan="1">b<\/th>/);
  assert.match(text, /<td rowspan="2" data-label="n &amp; more">1<\/td>/);
  assert.equal(text.match(/<tbody>/g)!.length, 2);
  assert.equal(text.match(/<tr>/g)!.length, 5);
});

Deno.test("imageGrid() shows each tile of a PNG that stands in the page once", () => {
  const { text } = imageGrid({
    id: "png-0",
    png: Uint8Array.of(1, 2, 3),
    size: [4, 5],
    columns: 2,
    tiles: [{ label: "a" }, { label: "b" }, { label: `"c"`, caption: "<c>", frame: "bad" }],
  });
  assert.match(
    text,
    /<image id="png-0" width="10" height="8"\s+href="data:image\/png;base64,AQID"/,
  );
  assert.equal(text.match(/data:/g)!.length, 1);
  const boxes = [...text.matchAll(/(?<=viewBox=")[^"]+/g)].map(([box]) =>
    box.split(" ").map(Number)
  );
  // All but a hair of each tile, so that none shows its neighbour.
  assert.deepEqual(boxes.map((box) => box.map(Math.round)), [[0, 0, 5, 4], [5, 0, 5, 4], [
    0,
    4,
    5,
    4,
  ]]);
  for (const [x, y, width, height] of boxes) {
    assert.ok(x! % 5 > 0 && x! % 5 + width! < 5 && y! % 4 > 0 && y! % 4 + height! < 4);
  }
  assert.equal(text.match(/<use href="#png-0"/g)!.length, 3);
  assert.match(text, /aria-label="&quot;c&quot;"/);
  assert.match(text, /<figure class="bad">[^]*<figcaption>&lt;c&gt;<\/figcaption>/);
});
