/** The client over real streams of events, in Node: by `fetch`, and by the package `eventsource`. */

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { EventSource } from "eventsource";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  Client,
  EditUnknown,
  fetchEventSource,
  LocalProtocolError,
  RefusedError,
  type Status,
  type StreamClass,
} from "../src/index.js";
import type { Value } from "../src/values.js";
import { HELLO, patch, RESET, snapshot } from "./fakeSocket.js";

type Answer = (response: ServerResponse) => void;

let http: Server;
let url: string;
/** The requests so far. */
let requests: IncomingMessage[];
/** How the next requests are answered, and all after them as the last. */
let answers: Answer[];

beforeEach(async () => {
  requests = [];
  answers = [];
  http = createServer((request, response) => {
    requests.push(request);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    answer?.(response);
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/sse`;
});

afterEach(async () => {
  http.close();
  http.closeAllConnections();
  await once(http, "close");
});

function since(at: number): [string | null, string | undefined] {
  const request = requests[at];
  const asked = new URL(request?.url ?? "", url).searchParams.get("since");
  return [asked, request?.headers["last-event-id"] as string | undefined];
}

function stream(...frames: [id: string, ...messages: Value[]][]): Answer {
  return (response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write("retry: 1\n\n");
    for (const [id, ...messages] of frames) {
      response.write(`id: ${id}\ndata: ${JSON.stringify(messages)}\n\n`);
    }
  };
}

/** A stream that is cut off after its frames. */
function cut(...frames: [id: string, ...messages: Value[]][]): Answer {
  return (response) => {
    stream(...frames)(response);
    // What was written is to arrive first.
    response.write(": the end\n\n", () => setImmediate(() => response.destroy()));
  };
}

function refuse(status: number, body: string): Answer {
  return (response) => {
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(body);
  };
}

function shows(client: Client, a: number): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      const value = client.value(1) as { a: number } | undefined;
      if (value?.a !== a) return;
      end();
      resolve();
    };
    const end = client.onChange(look);
    look();
  });
}

function becomes(client: Client, status: Status): Promise<void> {
  return new Promise((resolve) => {
    const end = client.onStatus((now) => {
      if (now !== status) return;
      end();
      resolve();
    });
  });
}

const OPENING: Value[] = [HELLO, RESET, snapshot(1, 5, { a: 1 })];
const STREAMS: [string, StreamClass][] = [
  ["fetch", fetchEventSource()],
  ["eventsource", EventSource as unknown as StreamClass],
];

describe.each(STREAMS)("over %s", (_, Stream) => {
  let client: Client;

  beforeEach(() => {
    client = new Client("json", { EventSource: Stream, random: () => 0 });
  });

  afterEach(() => {
    client.stop();
  });

  it("[sse.client] mirrors what the stream brings", async () => {
    answers = [stream(["e:5", ...OPENING], ["e:6", patch(1, 5, 6, 2)])];
    client.connectSSE(url);
    await shows(client, 2);
    expect(client.status).toBe("open");
    expect(client.cursor).toBe("e:6");
    expect(since(0)).toEqual([null, undefined]);
  });

  it("[sse.client] comes back after a cut, and resumes", async () => {
    answers = [cut(["e:5", ...OPENING]), stream(["e:6", HELLO, patch(1, 5, 6, 2)])];
    const done = client.run(url);
    await shows(client, 2);
    expect(since(1)).toContain("e:5");
    client.stop();
    await done;
    expect(client.status).toBe("closed");
  });

  it("[sse.client] comes back after an error page, and resumes", async () => {
    answers = [
      cut(["e:5", ...OPENING]),
      refuse(503, "deploying"),
      stream(["e:6", HELLO, patch(1, 5, 6, 2)]),
    ];
    client.connectSSE(url);
    await shows(client, 2);
    expect(since(2)).toContain("e:5");
  });

  it("[sse.client] opens another stream without a cursor when something was missed", async () => {
    answers = [
      stream(["e:5", ...OPENING], ["e:8", patch(1, 7, 8, 3)]),
      stream(["e:9", HELLO, RESET, snapshot(1, 9, { a: 4 })]),
    ];
    client.connectSSE(url);
    await shows(client, 4);
    expect(since(1)).toEqual([null, undefined]);
  });

  it("[sse.client] refuses to propose and to send", async () => {
    answers = [stream(["e:5", ...OPENING])];
    client.connectSSE(url);
    await shows(client, 1);
    await expect(client.propose(1, { a: 2 })).rejects.toThrow(LocalProtocolError);
    await expect(client.propose(1, { a: 2 })).rejects.toMatchObject({ code: "receive_only" });
    expect(() => client.send(client.edit(1, { a: 2 }))).toThrow(LocalProtocolError);
  });

  it("[sse.client] gives up what was proposed where it could have been sent", async () => {
    answers = [cut(["e:5", ...OPENING]), stream(["e:5", HELLO])];
    client.connectSSE(url);
    await shows(client, 1);
    client.stop();
    const proposed = client.propose(1, { a: 2 });
    client.connectSSE(url);
    await expect(proposed).rejects.toThrow(EditUnknown);
  });

  it("says nothing after it was stopped", async () => {
    let late: ServerResponse | undefined;
    answers = [
      (response) => {
        late = response;
        stream(["e:5", ...OPENING])(response);
      },
    ];
    client.connectSSE(url);
    await shows(client, 1);
    client.stop();
    late?.write(`id: e:6\ndata: ${JSON.stringify([patch(1, 5, 6, 2)])}\n\n`);
    if (late && !late.closed) await once(late, "close");
    expect(client.value(1)).toEqual({ a: 1 });
    expect(client.status).toBe("closed");
  });
});

describe("fetch", () => {
  it("[sse.client] is told when it is refused for good, and does not come again", async () => {
    answers = [refuse(403, '{"code": 4403, "reason": "not you"}')];
    const client = new Client("json", { EventSource: fetchEventSource() });
    await expect(client.run(url)).rejects.toMatchObject({ code: 4403, reason: "not you" });
    await expect(client.run(url)).rejects.toThrow(RefusedError);
    expect(requests.length).toBe(2);
  });

  it("[sse.client] sends headers as they are at that moment", async () => {
    let token = 0;
    answers = [cut(["e:5", ...OPENING]), stream(["e:6", HELLO, patch(1, 5, 6, 2)])];
    const headers = async () => ({ Authorization: `Bearer ${++token}` });
    const client = new Client("json", {
      EventSource: fetchEventSource({ headers }),
      random: () => 0,
    });
    client.connectSSE(url);
    await shows(client, 2);
    client.stop();
    expect(requests.map((request) => request.headers.authorization)).toEqual([
      "Bearer 1",
      "Bearer 2",
    ]);
  });

  it("takes an answer that is no stream for an end, and tries again", async () => {
    answers = [
      (response) => void response.writeHead(200, { "Content-Type": "text/html" }).end("log in"),
      stream(["e:5", ...OPENING]),
    ];
    const client = new Client("json", { EventSource: fetchEventSource(), random: () => 0 });
    const waiting = becomes(client, "waiting");
    client.connectSSE(url);
    await waiting;
    await shows(client, 1);
    client.stop();
  });
});

it("where there is no EventSource, and none was given, that is said", () => {
  const client = new Client();
  expect(() => client.connectSSE(url)).toThrow(LocalProtocolError);
  expect(client.status).toBe("closed");
});
