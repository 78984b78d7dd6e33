import { describe, expect, it } from "vitest";
import { diff } from "../src/diff.js";
import { apply } from "../src/patch.js";
import type { Value } from "../src/values.js";
import { vectors } from "./vectors.js";

interface Case {
  readonly id: string;
  readonly old: Value;
  readonly new: Value;
  readonly max_ops: number;
  readonly ops?: Value;
}

describe("vectors", () => {
  const cases = vectors("diff", ["old", "new", "max_ops", "ops"]) as unknown as Case[];

  it.each(cases)("$id", (vector) => {
    const ops = diff(vector.old, vector.new);
    expect(apply(vector.old, ops)).toEqual(vector.new);
    expect(ops.length).toBeLessThanOrEqual(vector.max_ops);
    if (vector.ops !== undefined) expect(ops).toEqual(vector.ops);
    expect(diff(vector.new, structuredClone(vector.new) as Value)).toEqual([]);
  });
});
