import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { UnrepresentableError } from "../src/errors.js";
import { fromValue, toValue } from "../src/native.js";
import type { Value } from "../src/values.js";

class Point {
  x = 1;
  hidden = undefined;
  #secret = 2;
  get sum(): number {
    return this.x + this.#secret;
  }
}

class Named {
  toJSON(): unknown {
    return { name: new Map([["n", 1n]]) };
  }
}

describe("toValue", () => {
  const sparse: unknown[] = [1];
  sparse.length = 2;

  it.each<[string, unknown, Value]>([
    ["null", null, null],
    ["booleans", [true, false], [true, false]],
    ["numbers", [0, -0, 1.5, 2 ** 53, -1e300], [0, -0, 1.5, 2 ** 53, -1e300]],
    ["small bigints", [5n, -5n, 2n ** 53n - 1n], [5, -5, Number.MAX_SAFE_INTEGER]],
    [
      "large bigints",
      [2n ** 53n, 2n ** 64n - 1n, -(2n ** 63n)],
      [2n ** 53n, 2n ** 64n - 1n, -(2n ** 63n)],
    ],
    ["text", "aä😀\u0000", "aä😀\u0000"],
    ["dates", new Date(0), "1970-01-01T00:00:00.000Z"],
    [
      "maps",
      new Map<unknown, unknown>([
        ["a", new Map()],
        [1, 2],
        [true, 3],
        [7n, 4],
      ]),
      { a: {}, "1": 2, true: 3, "7": 4 },
    ],
    ["sets", new Set(["b", "a", new Set([1])]), ["b", "a", [1]]],
    ["typed arrays", [new Uint8Array([1, 255]), new Float32Array([0.5])], [[1, 255], [0.5]]],
    ["arrays of bigints", new BigUint64Array([1n, 2n ** 64n - 1n]), [1, 2n ** 64n - 1n]],
    ["class instances", new Point(), { x: 1 }],
    ["toJSON", [new Named(), new URL("http://a/")], [{ name: { n: 1 } }, "http://a/"]],
    ["objects without a prototype", Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ["members that are undefined", { a: undefined, b: 1 }, { b: 1 }],
    [
      "one object in two places",
      ((it) => [it, { it }])({ a: [1] }),
      [{ a: [1] }, { it: { a: [1] } }],
    ],
    [
      "objects of another realm",
      runInNewContext("({ a: [new Map([['b', new Date(0)]])] })"),
      { a: [{ b: "1970-01-01T00:00:00.000Z" }] },
    ],
  ])("takes %s", (_name, native, value) => {
    expect(toValue(native)).toEqual(value);
  });

  const cycle: Record<string, unknown> = { list: [{}] };
  (cycle["list"] as unknown[])[1] = new Map([["up", cycle]]);
  const selfish = { toJSON: (): unknown => selfish };

  it.each<[string, unknown, string]>([
    ["undefined", undefined, ""],
    ["undefined in an array", { a: [1, undefined] }, "/a/1"],
    ["a hole", sparse, "/1"],
    ["a function", { "a/b": { "m~n": () => 0 } }, "/a~1b/m~0n"],
    ["a symbol", [Symbol("s")], "/0"],
    ["what is not a number", { a: Number.NaN }, "/a"],
    ["infinity", [[Number.POSITIVE_INFINITY]], "/0/0"],
    ["a bigint too large", { a: 2n ** 64n }, "/a"],
    ["a bigint too small", -(2n ** 63n) - 1n, ""],
    ["a lone surrogate", ["a\ud800"], "/0"],
    ["a lone surrogate in a key", { a: { "\udc00": 1 } }, "/a"],
    ["a cycle", cycle, "/list/1/up"],
    ["a cycle by toJSON", { selfish }, "/selfish"],
    ["a promise", { a: Promise.resolve(1) }, "/a"],
    ["a regular expression", /x/, ""],
    ["an error", new Error("x"), ""],
    ["a buffer", { a: new ArrayBuffer(1) }, "/a"],
    ["a view of one", new DataView(new ArrayBuffer(1)), ""],
    ["a boxed number", Object(1), ""],
    ["a key that is an object", new Map([[{}, 1]]), ""],
    ["a key that is a symbol", { a: new Map([[Symbol("s"), 1]]) }, "/a"],
    [
      "two keys that are one as text",
      new Map<unknown, unknown>([
        [1, "a"],
        ["1", "b"],
      ]),
      "",
    ],
  ])("refuses %s, naming its place", (_name, native, path) => {
    expect(() => toValue(native)).toThrow(
      expect.objectContaining({ constructor: UnrepresentableError, path }),
    );
  });

  it("shares nothing with what it is given", () => {
    const native = { a: [{ b: 1 }] };
    const value = toValue(native) as typeof native;
    (native.a[0] as { b: number }).b = 2;
    expect(value).toEqual({ a: [{ b: 1 }] });
  });

  it("[patch.keys] keeps __proto__ as the key that it is", () => {
    const value = toValue(JSON.parse('{"__proto__": {"a": 1}}'));
    expect(JSON.stringify(value)).toBe('{"__proto__":{"a":1}}');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});

describe("fromValue", () => {
  it("gives a copy that is the caller's own, all the way down", () => {
    const value: Value = { a: [{ b: 2n ** 60n }], c: null };
    const copy = fromValue<{ a: { b: unknown }[] }>(value);
    expect(copy).toEqual(value);
    (copy.a[0] as { b: unknown }).b = 0;
    copy.a.push({ b: 1 });
    expect(value).toEqual({ a: [{ b: 2n ** 60n }], c: null });
  });

  it("gives undefined for what is not there", () => {
    expect(fromValue(undefined)).toBeUndefined();
  });
});
