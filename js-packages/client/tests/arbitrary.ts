/** Values and patches at random. */

import * as fc from "fast-check";
import { Document } from "../src/document.js";
import type { Operation } from "../src/operation.js";
import { segment } from "../src/pointer.js";
import { isContainer, isList, type Value } from "../src/values.js";

const text = fc.string({ unit: "binary", maxLength: 4 });
const key = fc.oneof(
  fc.constantFrom("a", "b", "c", "", "/", "~", "__proto__", "constructor", "0", "-"),
  text,
);
const small = fc.integer({ min: -3, max: 3 });
const number = fc.oneof(
  small,
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 2 ** 53, -1e300),
);
const large = fc.oneof(
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
);

/** Make an object of entries, of which the last with a key counts. */
function dict(entries: readonly (readonly [string, Value])[]): Value {
  return Object.fromEntries(entries);
}

/** Make values of scalars. Objects and lists are small, and keys few: two have much in common. */
function made(scalar: fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  return fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      scalar,
      fc.array(tie("value"), { maxLength: 5 }),
      fc.array(fc.tuple(key, tie("value")), { maxLength: 4 }).map(dict),
    ),
  })).value;
}

/** Any value. */
export const value: fc.Arbitrary<Value> = made(
  fc.oneof(fc.constant(null), fc.boolean(), number, large, text),
);

/** A value that survives any JSON library. */
export const plain: fc.Arbitrary<Value> = made(
  fc.oneof(fc.constant(null), fc.boolean(), small, text),
);

/** A list of rows, and another that came of it by changes, moves, insertions and removals. */
export const rows: fc.Arbitrary<readonly [Value, Value]> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 5 }), value), { maxLength: 12 })
  .chain((pairs) => {
    const before = pairs.map(([id, x]) => ({ id, x }));
    return fc
      .array(
        fc.oneof(
          fc.nat({ max: Math.max(0, before.length - 1) }),
          value.map((x) => ({ x })),
        ),
        { maxLength: 14 },
      )
      .map((picked) => {
        const after = picked.map((it) => (typeof it === "number" ? (before[it] ?? null) : it));
        return [before, structuredClone(after)] as readonly [Value, Value];
      });
  });

/** List every place in a value. */
function places(inside: Value, at = ""): string[] {
  if (!isContainer(inside)) return [at];
  return [
    at,
    ...Object.entries(inside).flatMap(([name, item]) => places(item, at + segment(name))),
  ];
}

/** Draw one operation that applies to a value, or fails. */
export function operation(
  of: Value,
  draw: fc.GeneratorValue,
  values: fc.Arbitrary<Value>,
): Operation {
  const any = () => draw(fc.constantFrom, ...places(of));
  const path = any();
  const inside = new Document(of, false);
  const there = path === "" ? inside.peek() : undefined;
  const kind = draw(
    fc.constantFrom,
    ...(["add", "remove", "replace", "move", "append", "reorder"] as const),
  );
  const below = draw(fc.constantFrom, "", "/-", "/0", "/new", "/__proto__");
  switch (kind) {
    case "add":
      return { op: "add", path: path + below, value: draw(() => values) };
    case "remove":
      return { op: "remove", path };
    case "replace":
      return { op: "replace", path, value: draw(() => values) };
    case "move":
      return { op: "move", from: path, path: any() + below };
    case "append":
      return {
        op: "append",
        path,
        value: draw(() => fc.oneof(text, fc.array(values, { maxLength: 3 }))),
      };
    default: {
      const length = isList(there) ? there.length : draw(fc.nat, 4);
      const order = Array.from({ length }, (_, item) => item);
      return {
        op: "reorder",
        path,
        order: draw(() => fc.shuffledSubarray(order, { minLength: length })),
      };
    }
  }
}

/**
 * Draw patches that apply, one after the other.
 *
 * @param values what operations bring.
 * @returns the operations of each, and the value after it.
 */
export function patches(
  start: Value,
  count: number,
  draw: fc.GeneratorValue,
  values: fc.Arbitrary<Value> = value,
): readonly (readonly [readonly Operation[], Value])[] {
  const made: [Operation[], Value][] = [];
  let current = start;
  while (made.length < count) {
    const ops: Operation[] = [];
    for (let more = draw(fc.nat, 3); more > 0; more--) {
      const op = operation(current, draw, values);
      const document = new Document(current, false);
      try {
        document.apply([op], []);
      } catch {
        continue;
      }
      current = document.value;
      ops.push(op);
    }
    made.push([ops, current]);
  }
  return made;
}
