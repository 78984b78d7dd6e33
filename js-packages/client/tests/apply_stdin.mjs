// Applies patches for a test in another language, with the built package. Each line of standard input
// holds `{"doc": ..., "ops": ...}`; each line of standard output `{"value": ...}`, with exact
// integers, or `{"error": NAME, "op_index": ...}`.
import { createInterface } from "node:readline";
import { PatchError } from "../dist/errors.js";
import { parse, stringify } from "../dist/json.js";
import { apply } from "../dist/patch.js";

function answer({ doc, ops }) {
  try {
    return { value: apply(doc, ops) };
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    return { error: error.name, op_index: error.opIndex ?? null };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${stringify(answer(parse(line)))}\n`);
}
