import { describe, expect, it } from "vitest";
import { UnrepresentableError } from "../src/errors.js";
import { toValue } from "../src/native.js";
import { equal } from "../src/patch.js";
import { exact, same, setMember, type Value } from "../src/values.js";
import { vectors } from "./vectors.js";

const cases = vectors("values", [
  "a",
  "b",
  "same",
  "equal",
  "one_number_type",
  "value",
  "valid",
  "error",
  "path",
]);

describe("pairs of values", () => {
  it.each(cases.filter((vector) => "a" in vector))("$id", (vector) => {
    const { a, b } = vector as unknown as { a: Value; b: Value };
    // Beyond 2^53 an integer is a `bigint`, and told from a float, as it is in a language with both.
    const isOneNumberType = vector["one_number_type"] === true && typeof a === typeof b;
    const isSame = vector["same"] === true || isOneNumberType;
    expect([same(a, b), same(b, a)]).toEqual([isSame, isSame]);
    expect([equal(a, b), equal(b, a)]).toEqual([vector["equal"], vector["equal"]]);
  });
});

describe("single values", () => {
  it.each(cases.filter((vector) => "value" in vector))("$id", (vector) => {
    if (vector["valid"]) {
      expect(toValue(vector["value"])).toEqual(vector["value"]);
      return;
    }
    expect(vector["error"]).toBe("unrepresentable");
    expect(() => toValue(vector["value"])).toThrow(
      expect.objectContaining({ constructor: UnrepresentableError, path: vector["path"] }),
    );
  });
});

it("an integer is a number where that is exact, and a bigint beyond", () => {
  expect([exact(5n), exact(2n ** 53n - 1n), exact(2n ** 53n), exact(-(2n ** 53n))]).toEqual([
    5,
    Number.MAX_SAFE_INTEGER,
    2n ** 53n,
    -(2n ** 53n),
  ]);
});

it("a member called __proto__ is data", () => {
  const dict: Record<string, unknown> = {};
  setMember(dict, "__proto__", { polluted: true });
  expect(Object.keys(dict)).toEqual(["__proto__"]);
  expect(Object.getPrototypeOf(dict)).toBe(Object.prototype);
  expect("polluted" in dict).toBe(false);
});
