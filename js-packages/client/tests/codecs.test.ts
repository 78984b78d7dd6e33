import { beforeAll, describe, expect, it } from "vitest";
import { decodeFrame, getCodec } from "../src/codecs.js";
import { LocalProtocolError, UnknownCodecError } from "../src/errors.js";
import init, { Client, registerCodec } from "../src/index.js";
import { stringify } from "../src/json.js";
import type { Value } from "../src/values.js";
import { type FakeSocket, fakeSockets, HELLO, patch, RESET, snapshot } from "./fakeSocket.js";

it("MessagePack is not there before it was loaded", () => {
  expect(() => getCodec("msgpack")).toThrow(UnknownCodecError);
});

describe("once it was loaded", () => {
  beforeAll(() => init());

  it("[value.exact] [failure.11] [patch.keys] MessagePack keeps all that JSON has", () => {
    const { encode, decode } = getCodec("msgpack");
    const values: Value[] = [
      null,
      [true, false],
      [
        0,
        -0,
        1,
        -1,
        127,
        128,
        -32,
        -33,
        255,
        256,
        65_535,
        65_536,
        2 ** 31,
        2 ** 32,
        -(2 ** 31) - 1,
      ],
      [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2n ** 53n, 2n ** 64n - 1n, -(2n ** 63n)],
      [1.5, 5e-324, 1.7976931348623157e308, 2 ** 53, 1e30],
      ["", "a", "ä😀", "x".repeat(70_000), "\u0000"],
      { "": {}, "a/b": [[], [{}]], constructor: 1, "\ud83d\ude00": 2 },
      JSON.parse('{"prototype": 3, "__proto__": {"a": 1, "__proto__": [2]}}'),
      Array.from({ length: 70_000 }, (_, at) => at),
      Object.fromEntries(Array.from({ length: 70_000 }, (_, at) => [`key${at}`, at])),
    ];
    for (const value of values) {
      const back = decode(encode(value)) as Value;
      expect(back).toEqual(value);
      // Which also tells an own `__proto__` from an inherited one.
      expect(stringify(back)).toBe(stringify(value));
    }
  });

  it("whole numbers are written as such, and floats as floats", () => {
    const { encode } = getCodec("msgpack");
    expect([...(encode(5) as Uint8Array)]).toEqual([5]);
    expect([...(encode(2n ** 64n - 1n) as Uint8Array)]).toEqual([0xcf, ...Array(8).fill(0xff)]);
    expect((encode(-0) as Uint8Array)[0]).toBe(0xcb);
    expect((encode([2 ** 53, 2n ** 60n]) as Uint8Array)[1]).toBe(0xcb);
    expect((encode([7, 2n ** 60n]) as Uint8Array)[1]).toBe(0xcf);
    expect((encode(2 ** 40) as Uint8Array)[0]).toBe(0xcf);
  });

  it.each([
    ["no bytes", []],
    ["bytes that go on", [0x01, 0x02]],
    ["bytes that end too soon", [0x92, 0x01]],
    ["binary", [0xc4, 0x01, 0x00]],
    ["empty binary", [0x91, 0xc4, 0x00]],
    ["an extension", [0xd4, 0x05, 0x00]],
    ["a timestamp", [0xd6, 0xff, 0, 0, 0, 1]],
    ["a key that is no text", [0x81, 0x01, 0x02]],
    ["an unused byte", [0xc1]],
    ["text", "x"],
  ])("[codec.malformed] refuses %s", (_name, bytes) => {
    const frame = typeof bytes === "string" ? bytes : Uint8Array.from(bytes as number[]);
    expect(() => getCodec("msgpack").decode(frame)).toThrow();
  });

  it("[failure.11] mirrors over binary frames, sent in whatever form", () => {
    const { made, WebSocket } = fakeSockets();
    const client = new Client("msgpack", { WebSocket });
    client.connect("ws://host/ws");
    const socket = made[0] as FakeSocket;
    expect(Object.fromEntries(socket.url.searchParams)).toEqual({ codec: "msgpack", v: "1" });
    expect(socket.binaryType).toBe("arraybuffer");
    const { encode } = getCodec("msgpack");
    const first = encode([HELLO, RESET, snapshot(1, 3, { a: 2n ** 60n })]) as Uint8Array;
    socket.receiveRaw(first.buffer.slice(first.byteOffset, first.byteOffset + first.byteLength));
    expect(client.value(1)).toEqual({ a: 2n ** 60n });
    expect(client.recv(encode(patch(1, 3, 4, 5)) as Uint8Array)).toBeUndefined();
    const more = encode(patch(1, 4, 5, 6)) as Uint8Array;
    const padded = new Uint8Array(more.length + 2);
    padded.set(more, 1);
    client.recv(new DataView(padded.buffer, 1, more.length));
    expect(client.value(1)).toEqual({ a: 6 });
    expect(getCodec("msgpack").decode(client.edit(1, { a: 7 }) as Uint8Array)).toEqual(
      expect.objectContaining({ ops: [{ op: "replace", path: "/a", value: 7 }] }),
    );
    client.stop();
  });
});

describe("registerCodec", () => {
  it("adds a codec for whoever asks for it by name", () => {
    const encode = (content: Value) => new TextEncoder().encode(stringify(content));
    const decode = (frame: string | Uint8Array) => {
      expect(frame).toBeInstanceOf(Uint8Array);
      return JSON.parse(new TextDecoder().decode(frame as Uint8Array));
    };
    registerCodec("application/json-bytes", encode, decode);
    const { made, WebSocket } = fakeSockets();
    const client = new Client("application/json-bytes", { WebSocket });
    client.connect("ws://host/ws");
    expect(made[0]?.url.searchParams.get("codec")).toBe("application/json-bytes");
    made[0]?.receiveRaw(encode([HELLO, RESET, snapshot(1, 3, [1])]).buffer);
    expect(client.value(1)).toEqual([1]);
    expect(client.edit(1, [2])).toBeInstanceOf(Uint8Array);
    client.stop();
  });

  it.each(["json", "msgpack", ""])("refuses the name %o", (name) => {
    expect(() => registerCodec(name, stringify, String)).toThrow(
      expect.objectContaining({ constructor: LocalProtocolError, code: "codec" }),
    );
    expect(getCodec("json").encode(1)).toBe("1");
  });
});

it("[codec.malformed] a frame holds a message or several", () => {
  const json = getCodec("json");
  expect(decodeFrame(json, '{"t":"ping"}')).toEqual([{ t: "ping" }]);
  expect(decodeFrame(json, '[{"t":"ping"},{}]')).toEqual([{ t: "ping" }, {}]);
  expect(decodeFrame(json, "[]")).toEqual([]);
  for (const frame of ["null", "1", '"x"', "[[]]", "[null]", "{", new Uint8Array([0x7b, 0x7d])]) {
    expect(() => decodeFrame(json, frame as string)).toThrow();
  }
});
