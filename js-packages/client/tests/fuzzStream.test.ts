/** Whatever answers a request for a stream of events: read the same however it is cut, or an end. */

import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { init } from "../src/codecs.js";
import { Client, fetchEventSource, type StreamClass } from "../src/index.js";
import { HELLO, RESET, snapshot } from "./fakeSocket.js";

beforeAll(init);
afterEach(() => vi.unstubAllGlobals());

const STREAM = "text/event-stream";
const utf8 = new TextEncoder();

/** What a line may be made of, with bytes that are no text. */
const PARTS = [
  "data: x",
  "data",
  "data:",
  "data:  yé🙂",
  "id: 1",
  "id",
  "retry: 9",
  ": nothing",
  "event: __proto__",
  "\n",
  "\n\n",
  "\r",
  "\r\n",
  "\ufeff",
  "\u2028",
  "\u0085\u000b\0",
].map((text) => [...utf8.encode(text)]);
const body = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...PARTS) },
      fc.array(fc.nat(255), { maxLength: 6 }),
    ),
    { maxLength: 24 },
  )
  .map((parts) => Uint8Array.from(parts.flat()));

function cut(whole: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    pieces.push(whole.slice(at, at + size));
    at += size;
  }
  return [...pieces, whole.slice(at)].filter((piece) => piece.length > 0);
}

/** Have every request answered by such a response. */
function answering(
  pieces: readonly Uint8Array[],
  status = 200,
  type = STREAM,
  breaks = false,
): void {
  const answer = async () => {
    const left = [...pieces];
    const content = new ReadableStream({
      pull(controller) {
        const piece = left.shift();
        if (piece) controller.enqueue(piece);
        else if (breaks) controller.error(new TypeError("the line broke"));
        else controller.close();
      },
    });
    const empty = [101, 204, 205, 304].includes(status);
    return new Response(empty ? null : content, { status, headers: { "Content-Type": type } });
  };
  vi.stubGlobal("fetch", answer);
}

/** Read what answers, to its end. */
function read(Stream: StreamClass): Promise<{ events: unknown[]; end: Record<string, unknown> }> {
  return new Promise((resolve) => {
    const events: unknown[] = [];
    const stream = new Stream("http://localhost/sse");
    stream.addEventListener("message", ({ data }) => void events.push(data));
    stream.addEventListener("error", (end: object) => resolve({ events, end: { ...end } }));
  });
}

/** Read a stream as the format says, all of it at once. */
function asTheFormatSays(bytes: Uint8Array): string[] {
  const lines = new TextDecoder().decode(bytes).split(/\r\n|\r|\n/);
  const events: string[] = [];
  let data: string[] = [];
  for (const line of lines.slice(0, -1)) {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    if (name === "data" && line) {
      data.push(colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, ""));
    } else if (!line) {
      if (data.length > 0) events.push(data.join("\n"));
      data = [];
    }
  }
  return events;
}

describe("[hostile.stream] a stream over fetch", () => {
  it("is read as the format says, however its bytes are cut", async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(body, sizes, async (bytes, at) => {
        for (const pieces of [cut(bytes, at), cut(bytes, Array(bytes.length).fill(1))]) {
          answering(pieces);
          const { events, end } = await read(fetchEventSource());
          expect(events).toEqual(asTheFormatSays(bytes));
          expect(end).toEqual({ code: undefined, reason: undefined });
        }
      }),
    );
  });

  it("ends by an event, whatever answers, and names a code of the protocol or none", async () => {
    const refusal = fc.record({
      code: fc.constantFrom<unknown>(4401, 4400, "4401", 4401.5, 4407, null, true, [4401], {}),
      reason: fc.constantFrom<unknown>("no", "no", null, 7, { toString: 1 }, ["a"]),
    });
    const said = fc.oneof(
      body,
      fc.oneof(refusal, fc.jsonValue()).map((content) => utf8.encode(JSON.stringify(content))),
    );
    const status = fc.constantFrom(200, 201, 204, 400, 401, 403, 500, 503);
    const type = fc.constantFrom(STREAM, `${STREAM}; charset=utf-16`, "text/html", "");
    await fc.assert(
      fc.asyncProperty(said, status, type, fc.boolean(), async (bytes, code, kind, breaks) => {
        answering(cut(bytes, [1, 2, 3]), code, kind, breaks);
        const { end } = await read(fetchEventSource());
        expect([undefined, 4400, 4401]).toContain(end["code"]);
        expect(["string", "undefined"]).toContain(typeof end["reason"]);
      }),
    );
  });

  it("leaves a client where it was, and the next one brings it up to date", async () => {
    const first = utf8.encode(
      `data: ${JSON.stringify([HELLO, RESET, snapshot(1, 3, "first")])}\n\n`,
    );
    const good = utf8.encode(`data: ${JSON.stringify([HELLO, RESET, snapshot(1, 9, "good")])}\n\n`);
    await fc.assert(
      fc.asyncProperty(body, fc.boolean(), async (bytes, breaks) => {
        const client = new Client("json", { EventSource: fetchEventSource(), random: () => 0 });
        answering([first, bytes], 200, STREAM, breaks);
        const done = client.run("http://localhost/sse");
        await vi.waitFor(() => expect(client.ids()).toEqual([1]));
        expect(client.value(1)).toBe("first");
        answering([good]);
        await vi.waitFor(() => expect(client.value(1)).toBe("good"));
        client.stop();
        await done;
      }),
      { numRuns: 10 },
    );
  });
});
