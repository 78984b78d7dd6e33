import * as fc from "fast-check";
import jsonPatch from "fast-json-patch";
import { beforeAll, describe, expect, it } from "vitest";
import { getCodec, init } from "../src/codecs.js";
import { diff } from "../src/diff.js";
import { Document, type Undo } from "../src/document.js";
import { parse, stringify } from "../src/json.js";
import { fromValue, toValue } from "../src/native.js";
import type { Operation } from "../src/operation.js";
import { apply } from "../src/patch.js";
import { same, type Value } from "../src/values.js";
import { patches, plain, rows, value } from "./arbitrary.js";

/** Say a value as text in which the order of keys means nothing, and everything else does. */
function exact(of: Value): string {
  return stringify(of);
}

/** Apply an operation as the other implementation does. */
function applied(to: unknown, op: Operation): unknown {
  let steps: object[] = [op];
  if (op.op === "move") {
    // That one looks for the target before it takes anything away, and so may look elsewhere.
    const value: unknown = jsonPatch.getValueByPointer(to, op.from);
    steps = [
      { op: "remove", path: op.from },
      { op: "add", path: op.path, value },
    ];
  }
  return jsonPatch.applyPatch(to, structuredClone(steps) as never, false, true, false).newDocument;
}

beforeAll(() => init());

describe("[value.exact] codecs", () => {
  it("JSON gives back what it was given", () => {
    fc.assert(fc.property(value, (it) => same(parse(stringify(it)) as Value, it)));
  });

  it("MessagePack gives back what it was given", () => {
    const { encode, decode } = getCodec("msgpack");
    fc.assert(fc.property(value, (it) => same(decode(encode(it)) as Value, it)));
  });

  it("what JSON.parse can say exactly, it says the same", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        fc.pre(!/\d{16}/.test(text));
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });
});

it("[value.checked] a value is what toValue makes of it, and of what fromValue makes of it", () => {
  fc.assert(fc.property(value, (it) => same(toValue(it), it) && same(toValue(fromValue(it)), it)));
});

describe("diff", () => {
  it("makes the new value of the old one, and nothing of what is the same", () => {
    fc.assert(
      fc.property(value, value, (old, next) => {
        expect(same(apply(old, diff(old, next)), next)).toBe(true);
        expect(diff(next, structuredClone(next) as Value)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it("makes one list of another, however its items moved", () => {
    fc.assert(
      fc.property(rows, ([old, next]) => {
        expect(same(apply(old, diff(old, next)), next)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("sends at most what the new value takes, give or take an operation for each place", () => {
    fc.assert(
      fc.property(rows, ([old, next]) => {
        const values = diff(old, next).map((op) =>
          "value" in op ? stringify(op.value).length : 0,
        );
        const sum = values.reduce((total, length) => total + length, 0);
        expect(sum).toBeLessThanOrEqual(stringify(next).length);
      }),
    );
  });
});

describe("documents", () => {
  it("[patch.handed-out] come to what patches come to, and never change what they handed out", () => {
    fc.assert(
      fc.property(value, fc.gen(), fc.infiniteStream(fc.boolean()), (start, draw, reads) => {
        const handedOut: [Value, string][] = [];
        const before = exact(start);
        const document = new Document(structuredClone(start) as Value, true);
        for (const [ops, after] of patches(start, 6, draw)) {
          document.apply(structuredClone(ops), []);
          expect(same(document.peek(), after)).toBe(true);
          if (reads.next().value) handedOut.push([document.value, exact(document.value)]);
        }
        for (const [shown, was] of handedOut) expect(exact(shown)).toBe(was);
        expect(exact(start)).toBe(before);
      }),
      { numRuns: 300 },
    );
  });

  it("[patch.atomic] are as they were when all is taken back", () => {
    fc.assert(
      fc.property(value, fc.gen(), fc.boolean(), (start, draw, isOwn) => {
        const document = new Document(structuredClone(start) as Value, isOwn);
        const [first, ...later] = patches(start, 4, draw);
        document.apply(structuredClone(first?.[0] ?? []), []);
        const undo: Undo[] = [];
        for (const [ops] of later) document.apply(structuredClone(ops), undo);
        for (const back of undo.reverse()) back();
        expect(same(document.peek(), first?.[1] ?? null)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("[patch.standard] agree with another implementation on standard operations", () => {
    fc.assert(
      fc.property(plain, fc.gen(), (start, draw) => {
        let other: unknown = structuredClone(start);
        let ours = start;
        for (const [ops] of patches(start, 3, draw, plain)) {
          const isStandard = ops.every(({ op }) => op !== "append" && op !== "reorder");
          // That one refuses `__proto__`.
          if (!isStandard || JSON.stringify(ops).includes("__proto__")) return;
          ours = apply(ours, ops);
          for (const op of ops) other = applied(other, op);
          expect(same(other as Value, ours)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
