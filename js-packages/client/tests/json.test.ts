import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "../src/json.js";
import type { Value } from "../src/values.js";

describe("[value.exact] [failure.11] parse", () => {
  it.each<[string, unknown]>([
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", 9007199254740992n],
    ["-9007199254740993", -9007199254740993n],
    ["18446744073709551615", 18446744073709551615n],
    ["[1,9007199254740993 ]", [1, 9007199254740993n]],
    ['{"a":-9223372036854775808}', { a: -9223372036854775808n }],
    ["[9007199254740993.0,9007199254740993e0,1e30]", [9007199254740992, 9007199254740992, 1e30]],
    ["0.12345678901234567", Number("0.12345678901234567")],
    ["[1234567890123456.5, 12345678901234567]", [1234567890123456.5, 12345678901234567n]],
    [
      '["9007199254740993", "a\\\\", "[9007199254740993", 9007199254740993]',
      ["9007199254740993", "a\\", "[9007199254740993", 9007199254740993n],
    ],
    ['{"9007199254740993":",9007199254740993,"}', { "9007199254740993": ",9007199254740993," }],
    ["1000000000000000000", 1000000000000000000n],
    [
      '["\u{10000} is a letter of old", 9007199254740993]',
      ["\u{10000} is a letter of old", 9007199254740993n],
    ],
    ["[0000000000000000001]", SyntaxError],
    ["[9007199254740993", SyntaxError],
    ["9007199254740993x", SyntaxError],
    ["NaN", SyntaxError],
    ["", SyntaxError],
  ])("%s", (text, expected) => {
    if (expected === SyntaxError) expect(() => parse(text)).toThrow(SyntaxError);
    else expect(parse(text)).toEqual(expected);
  });

  it("[patch.keys] keeps __proto__ as the key that it is", () => {
    for (const text of ['{"__proto__":{"a":1}}', '{"__proto__":{"a":9007199254740993}}']) {
      const value = parse(text) as Value;
      expect(stringify(value)).toBe(text);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    }
  });

  /** Read, or say that it cannot be read. */
  const outcome = (text: string): unknown => {
    try {
      return parse(text);
    } catch (problem) {
      return (problem as Error).constructor;
    }
  };

  it("[mirror.alone] reads a patch that is alone in its frame as it reads any other text", () => {
    const number = fc
      .oneof(fc.nat(9), fc.maxSafeNat(), fc.bigInt(0n, 2n ** 64n - 1n), fc.constant("01"))
      .map(String);
    const scalar = fc.oneof(
      number,
      fc.constantFrom(
        "-1",
        "-0",
        "01",
        "-01",
        "1.",
        "1.50",
        "-.5",
        "1e3",
        "true",
        "null",
        "nil",
        "",
        "[1]",
        "{}",
      ),
      fc.double().map(String),
      fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
      fc.constantFrom('"a\nb"', '"', '"\\"', '"a"b"'),
    );
    const path = fc.oneof(
      fc.string().map((text) => JSON.stringify(`/${text}`)),
      fc.constantFrom('"/a\tb"', '"/\u00e9"', "7"),
    );
    const text = fc
      .tuple(number, number, number, fc.constantFrom("replace", "append", "a b"), path, scalar)
      .map(
        ([id, base, rev, op, path, value]) =>
          `{"t":"patch","id":${id},"base":${base},"rev":${rev},"ops":[{"op":"${op}","path":${path},"value":${value}}]}`,
      );
    // What begins with a blank is never read by its form.
    fc.assert(
      fc.property(text, (it) => {
        expect(outcome(it)).toStrictEqual(outcome(` ${it}`));
      }),
      { numRuns: 1_000 },
    );
  });

  it("reads a long text with a large integer behind it", () => {
    const text = `["${"x\\n".repeat(2_000_000)}",9007199254740993]`;
    expect((parse(text) as unknown[])[1]).toBe(9007199254740993n);
  });
});

describe("[value.exact] stringify", () => {
  it.each<[Value, string]>([
    [null, "null"],
    [[true, false, 0, -1, 1.5, 1e-7], "[true,false,0,-1,1.5,1e-7]"],
    [-0, "-0.0"],
    [2n ** 64n - 1n, "18446744073709551615"],
    [2 ** 53, "9.007199254740992e+15"],
    [1e300, "1e+300"],
    [{ a: '"\u2028', "": {} }, '{"a":"\\"\u2028","":{}}'],
    [[], "[]"],
  ])("%o", (value, text) => {
    expect(stringify(value)).toBe(text);
    expect(parse(text)).toEqual(value);
  });
});
