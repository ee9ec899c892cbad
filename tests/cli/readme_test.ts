/** What README.md shows is what runs. */
import assert from "node:assert/strict";
import { makeFolder, runTiny } from "../experiment/tiny.ts";

const README = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
