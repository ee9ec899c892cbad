/** Has two workers share a product; closes the device unless it is told to leave it open. */
import { openCpu } from "../../core/device/cpu.ts";
import { compile } from "../../core/graph/compile.ts";
import { Graph } from "../../core/graph/graph.ts";
import { matmul } from "../../core/ops/matmul.ts";

const graph = new Graph();
const [a, c] = ["a", "c"].map((name) => ({ name, type: "f32", length: 90_000 } as const));
const leaf = graph.leaf(a!, [300, 300]);
graph.place(matmul(leaf, leaf), c!);
const program = compile(graph, "product");
const device = openCpu("child", { threads: 3 });
const memory = await device.load([program]);
memory.run(program, 3);
await memory.read("c");
if (Deno.args[0] !== "open") device.close();
console.log("done");
