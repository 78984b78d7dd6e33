import { describe, expect, it } from "vitest";
import { PatchError, PointerError } from "../src/errors.js";
import { child, parse, resolve, segment } from "../src/pointer.js";
import type { Value } from "../src/values.js";
import { vectors } from "./vectors.js";

const ERRORS: Readonly<Record<string, unknown>> = { patch: PatchError, pointer: PointerError };

interface Case {
  readonly id: string;
  readonly pointer: string;
  readonly tokens?: readonly string[];
  readonly doc?: Value;
  readonly expected?: Value;
  readonly error?: string;
}

describe("vectors", () => {
  const cases = vectors("pointer", ["pointer", "tokens", "doc", "expected", "error"]);

  it.each(cases as unknown as Case[])("$id", (vector) => {
    const { pointer, tokens, doc, expected, error } = vector;
    const read = () => (doc === undefined ? parse(pointer).slice(1) : resolve(doc, pointer));
    if (error === undefined) {
      expect(read()).toEqual(doc === undefined ? tokens : expected);
      if (tokens) expect(tokens.map(segment).join("")).toBe(pointer);
    } else {
      expect(read).toThrow(expect.objectContaining({ constructor: ERRORS[error], pointer }));
    }
  });
});

it("an item is named by its position, as RFC 6901 writes it, and by nothing else", () => {
  expect([child(["a", "b"], "0"), child(["a", "b"], "1")]).toEqual(["a", "b"]);
  for (const token of ["2", "-", "-1", "-0", "01", "1e0", "1.0", "+1", " 1", "", "length", "at"]) {
    expect(child(["a", "b"], token)).toBeUndefined();
  }
  expect(child({ length: 1 }, "length")).toBe(1);
});

it("what is no text is no pointer", () => {
  for (const pointer of [undefined, 5, null, {}]) {
    expect(() => parse(pointer as unknown as string)).toThrow(PointerError);
  }
});
