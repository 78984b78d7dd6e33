import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Document, type Undo } from "../src/document.js";
import { PatchError } from "../src/errors.js";
import type { Operation } from "../src/operation.js";
import { apply } from "../src/patch.js";
import type { Value } from "../src/values.js";

function visits(value: Value): { readonly value: Value; readonly seen: Set<object> } {
  const seen = new Set<object>();
  const watch = (inner: Value): Value => {
    if (typeof inner !== "object" || inner === null) return inner;
    const copy = Array.isArray(inner)
      ? inner.map(watch)
      : Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, watch(item)]));
    const proxy: object = new Proxy(copy, {
      get: (target, key) => {
        seen.add(proxy);
        return Reflect.get(target, key);
      },
      ownKeys: (target) => {
        seen.add(proxy);
        return Reflect.ownKeys(target);
      },
    });
    return proxy as Value;
  };
  return { value: watch(value), seen };
}

const rows = (count: number): Value =>
  Array.from({ length: count }, (_, x) => ({ x, y: { z: x } }));

it("hands out the same value until it changes", () => {
  const document = new Document({ a: 1 }, true);
  const first = document.value;
  expect(document.value).toBe(first);
  document.apply([{ op: "replace", path: "/a", value: 2 }], []);
  expect(document.value).not.toBe(first);
  expect([first, document.value]).toEqual([{ a: 1 }, { a: 2 }]);
});

it("changes its own containers in place between two that it hands out", () => {
  const document = new Document({ a: { b: [1] }, c: {} }, false);
  document.apply([{ op: "append", path: "/a/b", value: [2] }], []);
  const own = document.peek();
  document.apply([{ op: "append", path: "/a/b", value: [3] }], []);
  expect(document.peek()).toBe(own);
  const shown = document.value;
  document.apply([{ op: "append", path: "/a/b", value: [4] }], []);
  expect(shown).toEqual({ a: { b: [1, 2, 3] }, c: {} });
  expect(document.value).toEqual({ a: { b: [1, 2, 3, 4] }, c: {} });
});

it("never changes what it started as, nor the values of operations, unless they are its own", () => {
  const start = { a: {} };
  const put = { b: {} };
  const document = new Document(start, false);
  document.apply(
    [
      { op: "add", path: "/a/put", value: put },
      { op: "add", path: "/a/put/b/c", value: 1 },
    ],
    [],
  );
  expect(document.value).toEqual({ a: { put: { b: { c: 1 } } } });
  expect([start, put]).toEqual([{ a: {} }, { b: {} }]);
});

describe("taking back", () => {
  const start: Value = { list: [1, { a: 1 }, 3], dict: { x: { y: 1 } }, text: "ab" };
  const steps: readonly (readonly [string, readonly Operation[]])[] = [
    ["add", [{ op: "add", path: "/dict/new", value: { z: 1 } }]],
    ["add over", [{ op: "add", path: "/dict/x", value: 5 }]],
    ["insert", [{ op: "add", path: "/list/0", value: 0 }]],
    ["remove", [{ op: "remove", path: "/dict/x" }]],
    ["remove item", [{ op: "remove", path: "/list/1" }]],
    ["replace", [{ op: "replace", path: "/list/1", value: null }]],
    ["replace all", [{ op: "replace", path: "", value: 7 }]],
    ["move", [{ op: "move", from: "/list/1", path: "/dict/moved" }]],
    ["append", [{ op: "append", path: "/list", value: [4, 5] }]],
    ["append text", [{ op: "append", path: "/text", value: "c" }]],
    ["reorder", [{ op: "reorder", path: "/list", order: [2, 0, 1] }]],
  ];

  it.each(steps)("%s", (_name, ops) => {
    for (const isOwn of [true, false]) {
      const document = new Document(structuredClone(start) as Value, isOwn);
      document.apply([{ op: "replace", path: "/dict/x/y", value: 2 }], []);
      const before = structuredClone(document.peek());
      const undo: Undo[] = [];
      const failing: Operation = { op: "remove", path: "/none" };
      expect(() => document.apply([...ops, failing], undo)).toThrow(PatchError);
      for (const back of undo.reverse()) back();
      expect(document.value).toEqual(before);
    }
  });
});

it("moves a container together with what is its own in it", () => {
  const document = new Document({ a: { b: { c: 1 } }, d: [] }, false);
  document.apply(
    [
      { op: "replace", path: "/a/b/c", value: 2 },
      { op: "move", from: "/a/b", path: "/d/0" },
      { op: "replace", path: "/d/0/c", value: 3 },
    ],
    [],
  );
  const shown = document.value;
  document.apply([{ op: "replace", path: "/d/0/c", value: 4 }], []);
  expect([shown, document.value]).toEqual([
    { a: {}, d: [{ c: 3 }] },
    { a: {}, d: [{ c: 4 }] },
  ]);
});

it("keys that mean something to the language are data", () => {
  const start = JSON.parse('{"__proto__": {"a": 1}, "constructor": {"prototype": {}}}') as Value;
  const document = new Document(start, true);
  const shown = document.value;
  document.apply(
    [
      { op: "replace", path: "/__proto__/a", value: 2 },
      { op: "add", path: "/constructor/prototype/polluted", value: true },
      { op: "add", path: "/prototype", value: 1 },
      { op: "add", path: "/toString", value: "x" },
      { op: "move", from: "/__proto__", path: "/constructor/__proto__" },
    ],
    [],
  );
  expect(JSON.stringify(document.value)).toBe(
    '{"constructor":{"prototype":{"polluted":true},"__proto__":{"a":2}},"prototype":1,"toString":"x"}',
  );
  expect(JSON.stringify(shown)).toBe(JSON.stringify(start));
  expect(Reflect.get({}, "polluted")).toBeUndefined();
  expect(Object.getPrototypeOf(document.value)).toBe(Object.prototype);
});

it("nothing inherited is a place", () => {
  const document = new Document({}, true);
  for (const path of ["/constructor", "/toString", "/__proto__", "/__proto__/polluted"]) {
    for (const op of ["replace", "remove"] as const) {
      const operation = { op, path, value: 1 } as Operation;
      expect(() => document.apply([operation], [])).toThrow(PatchError);
    }
  }
  expect(() => document.apply([{ op: "add", path: "/__proto__/x", value: 1 }], [])).toThrow(
    PatchError,
  );
});

it("appends more items than a call takes arguments", () => {
  const document = new Document([], true);
  const value = Array.from({ length: 300_000 }, (_, at) => at);
  document.apply([{ op: "append", path: "", value }], []);
  expect(document.value).toEqual(value);
});

describe("[patch.cost] a change visits nothing beside its way", () => {
  const changes: readonly (readonly [string, Operation, number])[] = [
    ["a field of a row", { op: "replace", path: "/rows/500/y/z", value: -1 }, 4],
    ["an appended row", { op: "append", path: "/rows", value: [{ x: 1 }] }, 2],
    ["a row inserted in front", { op: "add", path: "/rows/0", value: 1 }, 2],
    ["a removed row", { op: "remove", path: "/rows/3" }, 2],
    ["another member", { op: "add", path: "/more", value: 1 }, 1],
  ];

  it.each(changes)("%s", (_name, op, most) => {
    const counts = [10_000, 1_000].map((count) => {
      const { value, seen } = visits({ rows: rows(count), other: rows(10) });
      const document = new Document(value, true);
      document.apply([op], []);
      return seen.size;
    });
    expect(counts[0]).toBe(counts[1]);
    expect(counts[0]).toBeLessThanOrEqual(most);
  });
});

const rowPlace = fc.constantFrom(
  "/l/0",
  "/l/1",
  "/l/2",
  "/l/-",
  "/d/a",
  "/d/b",
  "/d/c",
  "/~0~1",
  "/l",
);
const cell = fc.tuple(rowPlace, fc.constantFrom("/x", "/~1", "/0")).map((parts) => parts.join(""));
const row = fc.record({ x: fc.nat() });
const rowOperation: fc.Arbitrary<Operation> = fc.oneof(
  // Most of all what is written to again and again, while what it is in comes, goes and moves.
  { weight: 5, arbitrary: fc.record({ op: fc.constant("replace"), path: cell, value: fc.nat() }) },
  fc.record({ op: fc.constantFrom("add", "replace"), path: rowPlace, value: row }),
  fc.record({ op: fc.constant("remove"), path: rowPlace }),
  fc.record({ op: fc.constant("move"), from: rowPlace, path: rowPlace }),
  fc.record({ op: fc.constant("append"), path: fc.constant("/l"), value: fc.array(row) }),
  fc.record({ op: fc.constant("reorder"), path: fc.constant("/l"), order: fc.constant([2, 0, 1]) }),
) as fc.Arbitrary<Operation>;

it("[mirror.alone] [patch.handed-out] forgets a container that it knows when that moves", () => {
  const start: Value = {
    l: [{ x: 0 }, { x: 1 }, { x: 2 }],
    d: { a: { x: 3 }, b: { x: 4 } },
    "~/": { x: 5 },
  };
  const steps = fc.array(fc.option(rowOperation), { maxLength: 16 });
  /** Apply an operation, or take back what was done of it; tell whether it applies. */
  const isApplied = (document: Document, op: Operation): boolean => {
    const undo: Undo[] = [];
    try {
      document.apply([structuredClone(op)], undo);
      return true;
    } catch {
      for (const back of undo.reverse()) back();
      return false;
    }
  };
  const law = (ops: readonly (Operation | null)[], isOwn: boolean) => {
    let expected: Value = start;
    const document = new Document(structuredClone(start) as Value, isOwn);
    const held: [Value, Value][] = [];
    for (const op of ops) {
      if (op === null) held.push([document.value, expected]);
      // What does not apply is tried, too: it is to change nothing.
      else if (isApplied(document, op)) expected = apply(expected, [op]);
    }
    expect(document.value).toEqual(expected);
    for (const [value, before] of held) expect(value).toEqual(before);
  };
  fc.assert(fc.property(steps, fc.boolean(), law), { numRuns: 500 });
});
