/** How frames are read and written: JSON, and two libraries for MessagePack. */

import * as msgpack from "@msgpack/msgpack";
import { Packr } from "msgpackr";
import { type Clock, type Row, row } from "./rows.js";

/** A way to write frames. */
interface Codec {
  readonly name: string;
  encode(content: unknown): string | Uint8Array;
  decode(frame: string | Uint8Array): unknown;
}

// Records would be read by msgpackr alone.
const packr = new Packr({ useRecords: false });

const codecs: readonly Codec[] = [
  { name: "JSON", encode: JSON.stringify, decode: (frame) => JSON.parse(frame as string) },
  {
    name: "@msgpack/msgpack",
    encode: (content) => msgpack.encode(content),
    decode: (frame) => msgpack.decode(frame as Uint8Array),
  },
  {
    name: "msgpackr",
    encode: (content) => packr.pack(content),
    decode: (frame) => packr.unpack(frame as Uint8Array),
  },
];

const item = (at: number) => ({ a: at, b: 0, c: 0.5, d: 0.5, e: "e", f: "f", g: false, h: true });

/** What is written, and how often in a round. */
const contents: readonly { frame: string; content: unknown; count: number }[] = [
  {
    frame: "patch",
    content: {
      t: "patch",
      id: 1,
      base: 41,
      rev: 42,
      ops: [{ op: "replace", path: "/rows/17/a", value: 12 }],
    },
    count: 20_000,
  },
  {
    frame: "snapshot of 1 MB",
    content: {
      t: "snapshot",
      value: { rows: Array.from({ length: 17_000 }, (_, at) => item(at)) },
    },
    count: 5,
  },
];

/** What was made last: it is used, so that it is made. */
export let made: unknown;

/** Let all codecs take turns at one thing. */
function compare(
  does: string,
  frame: string,
  prepare: (codec: Codec) => () => unknown,
  count: number,
  rounds: number,
  clock: Clock,
): Row[] {
  const running = codecs.map((codec) => ({ codec, once: prepare(codec), took: [] as number[] }));
  // The first round warms up.
  for (let turn = 0; turn <= rounds; turn++) {
    for (const { once, took } of running) {
      const began = clock();
      for (let at = 0; at < count; at++) made = once();
      if (turn > 0) took.push((clock() - began) / count);
    }
  }
  return running.map(({ codec, took }) => row({ frame, does }, codec.name, took));
}

/** Measure what a frame costs each codec. */
export function measureCoding(rounds: number, clock: Clock): Row[] {
  return contents.flatMap(({ frame, content, count }) => {
    const encoding = (codec: Codec) => () => codec.encode(content);
    const decoding = (codec: Codec) => {
      const encoded = codec.encode(content);
      return () => codec.decode(encoded);
    };
    return [
      ...compare("encode", frame, encoding, count, rounds, clock),
      ...compare("decode", frame, decoding, count, rounds, clock),
    ];
  });
}
