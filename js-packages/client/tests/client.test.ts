import { afterEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import {
  type Accepted,
  Client,
  EditRejected,
  EditUnknown,
  fromValue,
  type MirrorChange,
  TransportsError,
  toValue,
  UnknownCodecError,
  UnknownModelError,
  UnrepresentableError,
  type Value,
} from "../src/index.js";
import { HELLO, patch, RESET, snapshot } from "./fakeSocket.js";

/** Give a client to which a model was shown. */
function shown(value: Value = { a: { x: 1 }, b: [1] }): Client {
  const client = new Client();
  client.recv(JSON.stringify([HELLO, RESET, snapshot(1, 3, value)]));
  return client;
}

function proposed(frame: unknown): Record<string, unknown> {
  return JSON.parse(String(frame));
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("what it shows", () => {
  it("is nothing at first", () => {
    const client = new Client();
    expect([client.ids(), client.cursor, client.status, client.codec]).toEqual([
      [],
      null,
      "closed",
      "json",
    ]);
  });

  it("is undefined for an id that it does not know", () => {
    const client = shown();
    expect([client.value(2), client.type(2), client.access(2), fromValue(client.value(2))]).toEqual(
      [undefined, undefined, undefined, undefined],
    );
  });

  it("is a model's value, the name of its class and what may be done with it", () => {
    const client = shown();
    expect([
      client.ids(),
      client.value(1),
      client.type(1),
      client.access(1),
      client.cursor,
    ]).toEqual([[1], { a: { x: 1 }, b: [1] }, "Box", "write", "e:3"]);
  });

  it("needs neither a connection nor a socket", () => {
    const client = shown();
    const frame = new TextEncoder().encode(JSON.stringify(patch(1, 3, 4, 5)));
    expect(client.recv(new TextDecoder().decode(frame))).toBeUndefined();
    expect(client.value(1)).toEqual({ a: 5, b: [1] });
  });
});

describe("[mirror.identity] as a store for useSyncExternalStore", () => {
  it("gives one and the same snapshot until it changes", () => {
    const client = shown();
    const first = client.value(1);
    client.recv(JSON.stringify({ t: "ping" }));
    client.recv(JSON.stringify(snapshot(2, 4, 0)));
    client.recv(JSON.stringify({ t: "patch", id: 1, base: 3, rev: 5, ops: [] }));
    expect(client.value(1)).toBe(first);
    client.recv(JSON.stringify(patch(1, 5, 6, 1)));
    const second = client.value(1) as { b: unknown };
    expect(second).not.toBe(first);
    expect(second.b).toBe((first as unknown as { b: unknown }).b);
  });

  it("gives the same ids until models come or go", () => {
    const client = shown();
    const ids = client.ids();
    client.recv(JSON.stringify(patch(1, 3, 4, 1)));
    expect(client.ids()).toBe(ids);
  });

  it("calls back once after each frame that changed something, when all of it is there", () => {
    const client = shown();
    const seen: unknown[] = [];
    const unsubscribe = client.onChange((change) => seen.push([change, client.value(1)]));
    client.recv(JSON.stringify([patch(1, 3, 4, 1), snapshot(2, 5, 0), patch(1, 4, 6, 2)]));
    client.recv(JSON.stringify({ t: "ping" }));
    client.recv(JSON.stringify(patch(1, 9, 10, 3)));
    unsubscribe();
    unsubscribe();
    client.recv(JSON.stringify([RESET]));
    expect(seen).toEqual([
      [
        { changed: [1, 2], removed: [] },
        { a: 2, b: [1] },
      ],
    ]);
  });

  it("tells what left", () => {
    const client = shown();
    const seen: MirrorChange[] = [];
    client.onChange((change) => seen.push(change));
    client.recv(JSON.stringify({ t: "remove", id: 1, epoch: "e", rev: 4 }));
    expect(seen).toEqual([{ changed: [], removed: [1] }]);
  });
});

describe("listeners", () => {
  it("[application.contained] of any kind keep nothing from anybody by throwing", async () => {
    const client = shown();
    vi.spyOn(globalThis, "queueMicrotask").mockImplementation(() => {});
    const told: string[] = [];
    for (const listen of ["onChange", "onReject", "onStatus"] as const) {
      client[listen](() => {
        throw new Error("of the application");
      });
      client[listen](() => void told.push(listen));
    }
    const error = { code: "invalid", message: "no" };
    const reject = { t: "reject", id: 1, rev: 3, proposal: "p", error };
    client.recv(JSON.stringify([patch(1, 3, 4, 1), reject]));
    expect(told).toEqual(["onReject", "onChange"]);
    expect(client.value(1)).toEqual({ a: 1, b: [1] });
    client.recv(JSON.stringify(patch(1, 4, 5, 2)));
    expect(client.value(1)).toEqual({ a: 2, b: [1] });
  });

  it("are told though another throws, which is reported as uncaught", () => {
    const client = shown();
    const microtasks: (() => void)[] = [];
    vi.spyOn(globalThis, "queueMicrotask").mockImplementation((task) => microtasks.push(task));
    const told: string[] = [];
    client.onChange(() => {
      throw new Error("of the application");
    });
    client.onChange(() => told.push("second"));
    client.recv(JSON.stringify(patch(1, 3, 4, 1)));
    expect(told).toEqual(["second"]);
    expect(microtasks.length).toBe(1);
    expect(microtasks[0]).toThrow("of the application");
  });

  it("may come and go while others are told", () => {
    const client = shown();
    const told: string[] = [];
    const end = client.onChange(() => {
      told.push("first");
      end();
      client.onChange(() => told.push("late"));
    });
    client.onChange(() => told.push("second"));
    client.recv(JSON.stringify(patch(1, 3, 4, 1)));
    expect(told).toEqual(["first", "second"]);
    client.recv(JSON.stringify(patch(1, 4, 5, 1)));
    expect(told).toEqual(["first", "second", "second", "late"]);
  });
});

describe("recv", () => {
  it("[mirror.gap] gives the frame that asks for all anew, where something was missed", () => {
    const client = shown();
    expect(proposed(client.recv(JSON.stringify(patch(1, 5, 6, 1))))).toEqual({ t: "resync" });
    expect(client.recv(JSON.stringify(patch(1, 6, 7, 1)))).toBeUndefined();
    expect([client.value(1), client.cursor]).toEqual([{ a: { x: 1 }, b: [1] }, null]);
  });

  it("ignores what a later protocol may say", () => {
    const client = shown();
    const later = { ...(patch(1, 3, 4, 5) as object), later: { x: 1 } };
    expect(client.recv(JSON.stringify([{ t: "later", id: "?" }, later]))).toBeUndefined();
    expect(client.value(1)).toEqual({ a: 5, b: [1] });
  });
});

describe("edit", () => {
  it("proposes how a value differs from what is shown", () => {
    const client = shown();
    const frame = client.edit(1, toValue({ a: { x: 2 }, b: [1, 2] }));
    expect(proposed(frame)).toEqual({
      t: "patch",
      id: 1,
      epoch: "e",
      base: 3,
      ops: [
        { op: "replace", path: "/a/x", value: 2 },
        { op: "append", path: "/b", value: [2] },
      ],
      proposal: expect.any(String),
    });
    expect(client.value(1)).toEqual({ a: { x: 1 }, b: [1] });
  });

  it("takes native objects as toValue does", () => {
    const frame = shown().edit(1, { a: new Map([["x", 1]]), b: new Set([5]) } as unknown as Value);
    expect(proposed(frame)["ops"]).toEqual([{ op: "replace", path: "/b/0", value: 5 }]);
  });

  it("proposes operations as they are", () => {
    const ops = [
      { op: "test", path: "/a/x", value: 1 },
      { op: "copy", from: "/a", path: "/c" },
      { op: "reorder", path: "/b", order: [0] },
    ] as const;
    expect(proposed(shown().editOps(1, ops))["ops"]).toEqual(ops);
  });

  it("takes a value that looks like operations for a value", () => {
    const rows = [{ op: "add", path: "/-", value: 2 }];
    const { ops } = proposed(shown([]).edit(1, rows));
    expect(ops).toEqual([{ op: "append", path: "", value: rows }]);
  });

  it("proposes nothing where nothing differs", () => {
    expect(proposed(shown().edit(1, { b: [1], a: { x: 1 } }))["ops"]).toEqual([]);
  });

  it("refuses what is no value, with its place", () => {
    const client = shown();
    const wrong = { a: { x: () => 0 }, b: [1] } as unknown as Value;
    expect(() => client.edit(1, wrong)).toThrow(
      expect.objectContaining({ constructor: UnrepresentableError, path: "/a/x" }),
    );
    const ops = [{ op: "replace", path: "/a", value: wrong }] as const;
    expect(() => client.editOps(1, ops)).toThrow(
      expect.objectContaining({ constructor: UnrepresentableError, path: "/0/value/a/x" }),
    );
  });

  it("refuses an id that it does not know", async () => {
    const client = shown();
    expect(() => client.edit(7, 0)).toThrow(
      expect.objectContaining({ constructor: UnknownModelError, id: 7 }),
    );
    expect(() => client.editOps(7, [])).toThrow(UnknownModelError);
    await expect(client.propose(7, 0)).rejects.toBeInstanceOf(UnknownModelError);
    await expect(client.proposeOps(7, [])).rejects.toBeInstanceOf(UnknownModelError);
  });
});

it("a codec that is not there says what to do", () => {
  for (const codec of ["msgpack", "cbor"]) {
    expect(() => new Client(codec)).toThrow(
      expect.objectContaining({ constructor: UnknownCodecError, codec }),
    );
  }
  expect(() => new Client("msgpack")).toThrow(/await init\(\)/);
});

it("errors have the names of their classes, and one root", () => {
  for (const Kind of [EditRejected, EditUnknown, UnknownModelError, UnrepresentableError]) {
    const error = new (Kind as unknown as new (text: string) => TransportsError)("text");
    expect([error.name, error.message]).toEqual([Kind.name, "text"]);
    expect(error).toBeInstanceOf(TransportsError);
  }
});

it("is typed", () => {
  expectTypeOf<Client["value"]>().returns.toEqualTypeOf<Value | undefined>();
  expectTypeOf<Client["ids"]>().returns.toEqualTypeOf<readonly number[]>();
  expectTypeOf<Client["propose"]>().returns.resolves.toEqualTypeOf<Accepted>();
  expectTypeOf<Client["connect"]>().returns.toEqualTypeOf<WebSocket>();
  expectTypeOf(fromValue<{ a: number }>(1)).toEqualTypeOf<{ a: number }>();
  expectTypeOf(fromValue(1)).toBeUnknown();
  expectTypeOf(toValue).parameters.toEqualTypeOf<[unknown]>();
});
