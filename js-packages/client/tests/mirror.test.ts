import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { getCodec } from "../src/codecs.js";
import { PatchError, RemoteProtocolError } from "../src/errors.js";
import { stringify } from "../src/json.js";
import { Mirror, type Received } from "../src/mirror.js";
import { isContainer, type Value } from "../src/values.js";
import * as arbitrary from "./arbitrary.js";
import { vectors } from "./vectors.js";

interface Expected {
  readonly values: Readonly<Record<string, Value>>;
  readonly cursor: Readonly<Record<string, number>> | null;
  readonly needs_resync: boolean;
  readonly changed?: readonly number[];
  readonly removed?: readonly number[];
  readonly acks?: readonly string[];
  readonly rejects?: readonly string[];
  readonly access?: Readonly<Record<string, string>>;
}

interface Case {
  readonly id: string;
  readonly frames: readonly Value[];
  readonly expected: readonly Expected[];
}

const KEYS = "values cursor needs_resync changed removed acks rejects access".split(" ");
const cases = vectors("mirror", ["frames", "expected"]) as unknown as Case[];

/** Take in a frame as a client does: as text. */
function receive(mirror: Mirror, frame: Value): Received {
  const text = typeof frame === "string" ? frame : stringify(frame);
  return mirror.receive(getCodec("json"), text);
}

function shown(mirror: Mirror): Record<string, Value | undefined> {
  return Object.fromEntries(mirror.ids.map((id) => [id, mirror.copy(id)?.document.value]));
}

function sorted(ids: readonly number[] = []): readonly number[] {
  return [...ids].sort((a, b) => a - b);
}

function check(mirror: Mirror, received: Received, expected: Expected): void {
  expect(Object.keys(expected).filter((key) => !KEYS.includes(key))).toEqual([]);
  expect(shown(mirror)).toEqual(expected.values);
  expect(mirror.cursor && Object.fromEntries(mirror.cursor)).toEqual(expected.cursor);
  expect(mirror.cursor === null).toBe(expected.needs_resync);
  expect(sorted(received.changed)).toEqual(sorted(expected.changed));
  expect(sorted(received.removed)).toEqual(sorted(expected.removed));
  const acks = received.messages.flatMap((it) => (it.t === "ack" ? it.proposals : []));
  expect(acks).toEqual(expected.acks ?? []);
  const rejects = received.messages.flatMap((it) => (it.t === "reject" ? [it.proposal] : []));
  expect(rejects).toEqual(expected.rejects ?? []);
  for (const [id, access] of Object.entries(expected.access ?? {})) {
    expect(mirror.copy(Number(id))?.access).toBe(access);
  }
}

describe("vectors", () => {
  it.each(cases)("[mirror.atomic] [mirror.gap] [mirror.epochs] $id", ({ frames, expected }) => {
    const mirror = new Mirror();
    expect(frames.length).toBe(expected.length);
    frames.forEach((frame, at) => {
      check(mirror, receive(mirror, frame), expected[at] as Expected);
    });
  });

  it.each(cases)("[mirror.atomic] what was handed out does not change: $id", ({ frames }) => {
    const mirror = new Mirror();
    const kept: unknown[][] = [];
    for (const frame of frames) {
      receive(mirror, frame);
      for (const value of Object.values(shown(mirror))) kept.push([value, structuredClone(value)]);
    }
    for (const [value, before] of kept) expect(value).toEqual(before);
  });
});

function box(id: number, rev: number, value: Value, access = "write"): Value {
  return { t: "snapshot", id, type: "Box", epoch: "e", rev, value, access };
}

function replace(id: number, base: number, rev: number, path: string, value: Value): Value {
  return { t: "patch", id, base, rev, ops: [{ op: "replace", path, value }] };
}

function opened(...messages: readonly Value[]): Mirror {
  const mirror = new Mirror();
  receive(mirror, messages);
  return mirror;
}

function value(mirror: Mirror, id: number): Record<string, unknown> {
  return mirror.copy(id)?.document.value as unknown as Record<string, unknown>;
}

it("[mirror.identity] what did not change keeps its identity", () => {
  const mirror = opened(box(1, 1, { a: { x: 1 }, b: { y: 1 } }), box(2, 2, [1]));
  const before = value(mirror, 1);
  const other = value(mirror, 2);
  expect(value(mirror, 1)).toBe(before);
  receive(mirror, replace(1, 1, 3, "/a/x", 2));
  const after = value(mirror, 1);
  expect([before, after]).toEqual([
    { a: { x: 1 }, b: { y: 1 } },
    { a: { x: 2 }, b: { y: 1 } },
  ]);
  expect(after["b"]).toBe(before["b"]);
  expect(value(mirror, 2)).toBe(other);
});

it("[mirror.identity] a frame that does not apply leaves even identities as they were", () => {
  const mirror = opened(box(1, 1, { a: { x: 1 } }), box(2, 2, {}));
  const before = value(mirror, 1);
  receive(mirror, [replace(1, 1, 3, "/a/x", 2), replace(2, 1, 4, "/a", 1)]);
  expect(value(mirror, 1)).toBe(before);
  expect(before).toEqual({ a: { x: 1 } });
});

it("[mirror.identity] a change of access alone leaves the value the same", () => {
  const mirror = opened(box(1, 1, { a: 1 }));
  const before = value(mirror, 1);
  receive(mirror, box(1, 1, { a: 1 }, "read"));
  expect(value(mirror, 1)).toBe(before);
  expect(mirror.copy(1)?.access).toBe("read");
});

it("the list of ids is the same until models come or go", () => {
  const mirror = opened(box(2, 1, 0), box(1, 2, 0));
  const { ids } = mirror;
  receive(mirror, replace(1, 2, 3, "", 1));
  expect(ids).toEqual([1, 2]);
  expect(mirror.ids).toBe(ids);
  receive(mirror, box(3, 4, 0));
  expect(mirror.ids).toEqual([1, 2, 3]);
});

it("ids come in the order of numbers, shared ones too", () => {
  expect(opened(box(2 ** 40, 1, 0), box(10, 2, 0), box(9, 3, 0)).ids).toEqual([9, 10, 2 ** 40]);
});

it("[mirror.gap] a problem is told once", () => {
  const mirror = opened(box(1, 1, 0));
  const gap = { t: "patch", id: 1, base: 2, rev: 3, ops: [] };
  expect(receive(mirror, gap).problem).toBeInstanceOf(RemoteProtocolError);
  expect(receive(mirror, gap).problem).toBeUndefined();
  expect(receive(mirror, "no JSON").problem).toBeUndefined();
  expect(receive(mirror, [{ t: "reset" }, gap]).problem).toBeInstanceOf(RemoteProtocolError);
});

it("[mirror.gap] an unknown operation is a problem, wherever it leads", () => {
  const mirror = opened(box(1, 1, {}));
  const ops = [{ op: "increase", path: "/a", value: 1 }];
  const { problem } = receive(mirror, { t: "patch", id: 1, base: 1, rev: 2, ops });
  expect(problem).toBeInstanceOf(PatchError);
});

it("what was seen before is asked for again after a reset", () => {
  const mirror = opened(box(1, 1, 0));
  receive(mirror, { t: "patch", id: 1, base: 7, rev: 8, ops: [] });
  const { changed } = receive(mirror, [{ t: "reset" }, box(1, 8, 5)]);
  expect(changed).toEqual([1]);
  expect(value(mirror, 1)).toBe(5);
});

it("a greeting is heard, whatever is wrong with what comes after it", () => {
  const hello = { t: "hello", v: 1, conn: "c", heartbeat: 5 };
  const { messages, problem } = receive(new Mirror(), [hello, { t: "patch", id: 1 }]);
  expect(problem).toBeInstanceOf(RemoteProtocolError);
  expect(messages).toEqual([hello]);
});

/** Say where one value holds the very same containers as another. */
function shared(before: Value | undefined, now: Value | undefined): unknown {
  if (before === now || !isContainer(before) || !isContainer(now)) return before === now;
  return Object.entries(now).map(([key, item]) => [key, shared(Reflect.get(before, key), item)]);
}

it("[mirror.alone] [mirror.atomic] a patch alone in its frame does what it does in company", () => {
  const { constantFrom, nat, boolean } = fc;
  const scalar = arbitrary.value.filter((it) => !isContainer(it));
  const law = (start: Value, draw: fc.GeneratorValue) => {
    const frames = [[box(1, 1, start), box(2, 2, [0])]] as Value[][];
    const mirrors = [opened(), opened()] as const;
    /** What each handed out last, and all that it handed out with what that was. */
    const last: (Value | undefined)[] = [undefined, undefined];
    const handedOut: [Value, string][] = [];
    for (const frame of frames) {
      const isRead = draw(boolean);
      // The second is never alone: what nobody knows is company, and changes nothing.
      const outcomes = mirrors.map((mirror, at) => {
        const { problem, messages, ...told } = receive(
          mirror,
          at === 0 && frame.length === 1 ? (frame[0] as Value) : [...frame, { t: "?" }],
        );
        const copies = mirror.ids.map((id) => mirror.copy(id));
        const shows = copies.map((it) => [it?.rev, stringify(it?.document.peek() as Value)]);
        const of = (problem as PatchError | undefined)?.constructor;
        const types = messages.map(({ t }) => t).filter((t) => (t as string) !== "?");
        const outcome = { ...told, of, types, shows, cursor: mirror.cursor && [...mirror.cursor] };
        if (!isRead) return outcome;
        const value = mirror.copy(1)?.document.value as Value;
        const sharing = shared(last[at], value);
        last[at] = value;
        handedOut.push([value, stringify(value)]);
        return { ...outcome, sharing };
      });
      expect(outcomes[0]).toEqual(outcomes[1]);
      if (frames.length > 8) break;
      const { rev = 0, document } = mirrors[0].copy(1) ?? {};
      const shown = document?.peek() as Value;
      if (mirrors[0].cursor === null && draw(boolean)) {
        frames.push([{ t: "reset" }, box(1, rev + 1, shown)]);
        continue;
      }
      const ops = Array.from({ length: draw(constantFrom, 1, 1, 1, 0, 2) }, () =>
        arbitrary.operation(shown, draw, draw(boolean) ? scalar : arbitrary.value),
      ) as unknown as Value;
      const base = rev + draw(constantFrom, 0, 0, 0, 0, -1, 1);
      const id = draw(constantFrom, 1, 1, 1, 1, 2, 3);
      frames.push([{ t: "patch", id, base, rev: base + draw(nat, 2), ops }]);
    }
    for (const [value, was] of handedOut) expect(stringify(value)).toBe(was);
  };
  fc.assert(fc.property(arbitrary.value, fc.gen(), law), { numRuns: 100 });
});
