/** Whatever a server sends is applied or is not, and reaches no object of the language. */

import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { init } from "../src/codecs.js";
import { createReader } from "../src/eventLines.js";
import { Client, TransportsError, type Value } from "../src/index.js";
import { parse } from "../src/json.js";
import { decode } from "../src/msgpack.js";
import type { Operation } from "../src/operation.js";
import { apply } from "../src/patch.js";
import { HELLO, patch, RESET, snapshot } from "./fakeSocket.js";

beforeAll(init);

/** Names that mean something in the language, and nothing in data. */
const NAMES = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "length"];
const name = fc.oneof(
  fc.constantFrom(...NAMES, "0", "-1", "01", "1e3", "-", "", "a/b", "~", "polluted"),
  fc.string({ maxLength: 4 }),
);
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Value>(null, true, 0, -0, 1.5, "", "text", 2n ** 63n),
    fc.array(tie("value"), { maxLength: 3 }),
    fc
      .array(fc.tuple(name, tie("value")), { maxLength: 3 })
      .map((members) => JSON.parse(`{${members.map(member).join()}}`) as Value),
  ),
}));

function member([key, item]: [string, Value]): string {
  const text = JSON.stringify(item, (_key, it) => (typeof it === "bigint" ? Number(it) : it));
  return `${JSON.stringify(key)}:${text}`;
}

const path = fc
  .array(name, { maxLength: 4 })
  .map((tokens) =>
    tokens.map((token) => `/${token.replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""),
  );
const op = fc.record({
  op: fc.constantFrom("add", "remove", "replace", "move", "copy", "test", "append", "reorder", "x"),
  path: fc.oneof(path, fc.string({ maxLength: 6 })),
  from: path,
  value,
  order: fc.array(fc.integer({ min: -1, max: 3 }), { maxLength: 3 }),
}) as unknown as fc.Arbitrary<Operation>;

const UNTOUCHED = [Object.prototype, Array.prototype, Function.prototype, String.prototype].map(
  (object) => [object, JSON.stringify(Reflect.ownKeys(object).map(String))] as const,
);

/** Make sure that no object of the language has come to have what it had not. */
function untouched(): void {
  for (const [object, keys] of UNTOUCHED) {
    expect(JSON.stringify(Reflect.ownKeys(object).map(String))).toBe(keys);
  }
}

/** Make sure that what is in a value is data all the way down. */
function plain(part: unknown): void {
  if (typeof part !== "object" || part === null) return;
  expect([Object.prototype, Array.prototype]).toContain(Object.getPrototypeOf(part));
  for (const key of Object.keys(part)) plain(Object.getOwnPropertyDescriptor(part, key)?.value);
}

/** Do what may be refused, in a way that is documented and in no other. */
function attempt<T>(
  deed: () => T,
  ...kinds: (abstract new (
    ...args: never[]
  ) => Error)[]
): T | undefined {
  try {
    return deed();
  } catch (problem) {
    if (!kinds.some((kind) => problem instanceof kind)) throw problem;
    return undefined;
  }
}

function shown(): Client {
  const client = new Client();
  client.recv(JSON.stringify([HELLO, RESET, snapshot(1, 3, { a: { x: 1 }, b: [1] })]));
  return client;
}

describe("[hostile.client] a client", () => {
  it("is where it was after any text or bytes that are no frame", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.json()), (text) => {
        const client = shown();
        const before = client.value(1);
        attempt(() => client.recv(text), TransportsError);
        expect(client.value(1)).toBe(before);
        client.recv(JSON.stringify([RESET, snapshot(1, 9, 9)]));
        expect(client.value(1)).toBe(9);
        untouched();
      }),
    );
  });

  it("applies a patch with any names whole or not at all", () => {
    fc.assert(
      fc.property(value, fc.array(op, { maxLength: 4 }), (first, ops) => {
        const client = new Client();
        const text = (content: unknown) =>
          JSON.stringify(content, (_key, it) => (typeof it === "bigint" ? Number(it) : it));
        client.recv(text([HELLO, RESET, snapshot(1, 3, first)]));
        const before = client.value(1);
        const was = text(before);
        attempt(() => client.recv(text(patch(1, 3, 4, ops as never))), TransportsError);
        expect(text(before)).toBe(was);
        plain(client.value(1));
        untouched();
      }),
    );
  });
});

describe("[hostile.client] readers", () => {
  it("read JSON as the platform does, but for integers", () => {
    const texts = fc.oneof(fc.string(), fc.json(), fc.json({ noUnicodeString: false }));
    fc.assert(
      fc.property(texts, (text) => {
        const want = attempt(() => JSON.parse(text) as unknown, SyntaxError);
        const got = attempt(() => parse(text), SyntaxError);
        expect(JSON.stringify(got, (_key, it) => (typeof it === "bigint" ? Number(it) : it))).toBe(
          JSON.stringify(want),
        );
        plain(got);
        untouched();
      }),
    );
  });

  it("read text of quotes that never end in one go", () => {
    const text = `[1234567890123456789,"${'\\"'.repeat(300_000)}`;
    expect(() => parse(text)).toThrow(SyntaxError);
  });

  it("read any bytes as MessagePack or refuse them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        let got: unknown;
        try {
          got = decode(Uint8Array.from(bytes));
        } catch (problem) {
          expect(problem).toBeInstanceOf(Error);
        }
        plain(got);
        untouched();
      }),
    );
  });

  it("read any events the same, however they are cut", () => {
    const text = fc.array(
      fc.constantFrom(
        "data: x",
        "data",
        "id: 1",
        "id:\0",
        ":",
        "\r",
        "\n",
        "\r\n",
        "event: __proto__",
        "\ufeff",
      ),
    );
    fc.assert(
      fc.property(text, fc.array(fc.nat(12)), (parts, cuts) => {
        const read = (pieces: string[]) => {
          const events: string[][] = [];
          const take = createReader((...event) => events.push(event));
          for (const piece of pieces) take(piece);
          return events;
        };
        const whole = parts.join("");
        let rest = whole;
        const pieces = cuts.map((at) => {
          const piece = rest.slice(0, at);
          rest = rest.slice(at);
          return piece;
        });
        expect(read([...pieces, rest])).toEqual(read([whole]));
      }),
    );
  });
});

describe("[hostile.client] patches", () => {
  it("with any names apply or are refused, and leave the value and the language alone", () => {
    fc.assert(
      fc.property(value, fc.array(op, { maxLength: 5 }), (first, ops) => {
        const was = structuredClone(first);
        const after = attempt(() => apply(first, ops), TransportsError);
        expect(first).toEqual(was);
        plain(after);
        untouched();
      }),
      { numRuns: 1000 },
    );
  });

  it.each(NAMES)("take %s for a name", (key) => {
    const at = `/${key}`;
    expect(() => apply({}, [{ op: "replace", path: `${at}/polluted`, value: 1 }])).toThrow(
      TransportsError,
    );
    expect(() => apply({}, [{ op: "remove", path: at }])).toThrow(TransportsError);
    const made = apply({}, [
      { op: "add", path: at, value: {} },
      { op: "add", path: `${at}/polluted`, value: 1 },
    ]);
    expect(Object.entries(made as object)).toEqual([[key, { polluted: 1 }]]);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
    untouched();
  });
});
