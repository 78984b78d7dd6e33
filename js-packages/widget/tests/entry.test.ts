import { expect, it } from "vitest";
import { guess, kindOf, read } from "../src/entry.js";

it.each([
  ["3", 3],
  [" -3 ", -3],
  ["1.5", 1.5],
  ["1e3", 1000],
  ["9007199254740993", 9007199254740993n],
  ["", undefined],
  ["x", undefined],
  ["Infinity", undefined],
])("reads %j where a number is", (text, value) => {
  expect(read(text, "number")).toBe(value);
});

it("takes text as it is", () => {
  expect(read(" 3 ", "string")).toBe(" 3 ");
});

it.each([
  ["3", 3],
  ["true", true],
  ['{"a": [1]}', { a: [1] }],
  ["word", "word"],
  ["", ""],
])("guesses what %j is where anything may be", (text, value) => {
  expect(guess(text)).toEqual(value);
});

it("tells containers from what is shown in one line", () => {
  expect([null, true, 1, 1n, "a", [], {}].map((value) => kindOf(value))).toEqual([
    "null",
    "boolean",
    "number",
    "bigint",
    "string",
    undefined,
    undefined,
  ]);
});
