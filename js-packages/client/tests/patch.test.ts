import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { PatchError, PointerError, TestFailedError } from "../src/errors.js";
import type { Operation } from "../src/operation.js";
import { apply } from "../src/patch.js";
import type { Value } from "../src/values.js";
import { vectors } from "./vectors.js";

const ERRORS: Readonly<Record<string, unknown>> = {
  patch: PatchError,
  pointer: PointerError,
  test_failed: TestFailedError,
};

interface Case {
  readonly id: string;
  readonly doc: Value;
  readonly patch: readonly Operation[];
  readonly expected?: Value;
  readonly error?: string;
  readonly op_index?: number;
}

describe("vectors", () => {
  const cases = vectors("patch", ["doc", "patch", "expected", "error", "op_index"]);

  it.each(cases as unknown as Case[])("$id", ({ doc, patch, expected, error, op_index }) => {
    const before = structuredClone({ doc, patch });
    if (error === undefined) {
      expect(apply(doc, patch)).toEqual(expected);
    } else {
      const problem = { constructor: ERRORS[error], opIndex: op_index };
      expect(() => apply(doc, patch)).toThrow(expect.objectContaining(problem));
    }
    expect({ doc, patch }).toEqual(before);
  });
});

interface SuiteCase {
  readonly comment?: string;
  readonly doc: Value;
  readonly patch: readonly Operation[];
  readonly expected?: Value;
  readonly error?: string;
  readonly disabled?: boolean;
}

describe.each(["tests", "spec_tests"])("json-patch-test-suite, %s", (name) => {
  const file = `json-patch-test-suite/${name}.json`;
  const suite = createRequire(import.meta.url)(file) as readonly SuiteCase[];
  const cases = suite.filter(({ disabled, patch }) => !disabled && patch);

  it("is there", () => {
    expect(cases.length).toBeGreaterThan(15);
  });

  it.each(cases.map((vector, at) => ({ ...vector, name: vector.comment ?? String(at) })))(
    "$name",
    ({ doc, patch, expected, error }) => {
      if (error !== undefined) expect(() => apply(doc, patch)).toThrow(PatchError);
      else expect(apply(doc, patch)).toEqual(expected ?? doc);
    },
  );
});

it("shares what did not change with what it was applied to", () => {
  const doc = { a: { x: 1 }, b: [{ y: 1 }, { z: 1 }] };
  const after = apply(doc, [{ op: "replace", path: "/b/1/z", value: 2 }]) as typeof doc;
  expect(doc).toEqual({ a: { x: 1 }, b: [{ y: 1 }, { z: 1 }] });
  expect(after).toEqual({ a: { x: 1 }, b: [{ y: 1 }, { z: 2 }] });
  expect(after.a).toBe(doc.a);
  expect(after.b[0]).toBe(doc.b[0]);
});
