import { expect, it } from "vitest";
import { diff } from "../src/diff.js";
import { apply } from "../src/patch.js";
import type { Value } from "../src/values.js";

const rows = (...ids: readonly number[]): Value => ids.map((id) => ({ id, name: `row ${id}` }));

it("takes what follows a kept item for the same item, changed", () => {
  const next = [
    { id: 1, name: "row 1" },
    { id: 2, name: "new" },
    { id: 4, name: "row 4" },
  ];
  expect(diff(rows(1, 2, 3, 4), next)).toEqual([
    { op: "replace", path: "/1/name", value: "new" },
    { op: "remove", path: "/2" },
  ]);
});

it("a sliding window of equal numbers is a removal and an append", () => {
  const numbers = Array.from({ length: 100 }, (_, at) => at % 7);
  expect(diff(numbers, [...numbers.slice(1), 5])).toEqual([
    { op: "remove", path: "/0" },
    { op: "append", path: "", value: [5] },
  ]);
});

it("what changed its order is permuted, and not sent again", () => {
  const order = [3, 1, 4, 2].map((id) => id - 1);
  expect(diff(rows(1, 2, 3, 4), rows(3, 1, 4, 2))).toEqual([{ op: "reorder", path: "", order }]);
});

it("stays quick with long lists that differ everywhere", () => {
  const count = 100_000;
  const old = Array.from({ length: count }, (_, at) => at % 1_000);
  const next = old.map((item, at) => (item * 7 + at) % 1_000);
  expect(apply(old, diff(old, next))).toEqual(next);
});
