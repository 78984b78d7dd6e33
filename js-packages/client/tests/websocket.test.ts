/** The client over real WebSockets, in Node. */

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { getCodec } from "../src/codecs.js";
import init, { Client, RefusedError, type Status } from "../src/index.js";
import type { Value } from "../src/values.js";
import { HELLO, patch, RESET, snapshot } from "./fakeSocket.js";

let http: Server;
let sockets: WebSocketServer;
let url: string;
let client: Client;
/** What a handshake is answered with instead of being made. */
let errorPage: number | undefined;

beforeEach(async () => {
  errorPage = undefined;
  sockets = new WebSocketServer({ noServer: true });
  http = createServer();
  http.on("upgrade", (request, socket, head) => {
    if (errorPage === undefined) {
      sockets.handleUpgrade(request, socket, head, (made) => {
        sockets.emit("connection", made, request);
      });
    } else {
      socket.end(`HTTP/1.1 ${errorPage} Not Now\r\nContent-Length: 4\r\n\r\nwait`);
    }
  });
  await listen(0);
  client = new Client("json", { WebSocket, random: () => 0 });
});

afterEach(async () => {
  client.stop();
  await shut();
});

async function listen(port: number): Promise<void> {
  http.listen(port, "127.0.0.1");
  await once(http, "listening");
  url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/ws`;
}

async function shut(): Promise<void> {
  for (const socket of sockets.clients) socket.terminate();
  http.close();
  http.closeAllConnections();
  if (http.listening) await once(http, "close");
}

/** Wait for the next connection, and say what it asked for. */
async function connection(): Promise<[WebSocket, URLSearchParams]> {
  const [socket, request] = await once(sockets, "connection");
  return [socket, new URL(request.url, url).searchParams];
}

function send(socket: WebSocket, ...messages: Value[]): void {
  socket.send(JSON.stringify(messages));
}

/** Wait until the client is something. */
function becomes(status: Status): Promise<void> {
  return new Promise((resolve) => {
    const end = client.onStatus((now) => {
      if (now !== status) return;
      end();
      resolve();
    });
  });
}

function changed(): Promise<void> {
  return new Promise((resolve) => {
    const end = client.onChange(() => {
      end();
      resolve();
    });
  });
}

describe("connect", () => {
  it("[client.up-to-date] mirrors, and has done so when the page is told", async () => {
    const asked = connection();
    const socket = client.connect(url);
    const told = new Promise((resolve) => {
      socket.addEventListener("message", () => resolve(client.value(1)));
    });
    const [server, query] = await asked;
    expect(Object.fromEntries(query)).toEqual({ v: "1" });
    send(server, HELLO, RESET, snapshot(1, 3, { a: "ä😀", n: 1 }));
    expect(await told).toEqual({ a: "ä😀", n: 1 });
    const received = once(server, "message");
    socket.send(client.edit(1, { a: "b", n: 1 }));
    const [frame] = await received;
    expect(JSON.parse(String(frame)).ops).toEqual([{ op: "replace", path: "/a", value: "b" }]);
  });

  it("speaks MessagePack in binary frames", async () => {
    await init();
    client = new Client("msgpack", { WebSocket });
    const asked = connection();
    client.connect(url);
    const [server, query] = await asked;
    expect(query.get("codec")).toBe("msgpack");
    const { encode, decode } = getCodec("msgpack");
    const first = changed();
    server.send(encode([HELLO, RESET, snapshot(1, 3, { a: 2n ** 60n })]));
    await first;
    expect(client.value(1)).toEqual({ a: 2n ** 60n });
    const received = once(server, "message");
    client.send(client.edit(1, { a: 5 }));
    const [frame, isBinary] = await received;
    expect([isBinary, decode(frame)]).toEqual([
      true,
      expect.objectContaining({ ops: [{ op: "replace", path: "/a", value: 5 }] }),
    ]);
  });

  it("takes frames of many megabytes", async () => {
    const asked = connection();
    client.connect(url);
    const [server] = await asked;
    const arrived = changed();
    const text = "x".repeat(10_000_000);
    send(server, HELLO, RESET, snapshot(1, 3, { text }));
    await arrived;
    expect((client.value(1) as { text: string }).text.length).toBe(text.length);
  });

  it("ends where nothing listens, without throwing anything", async () => {
    await shut();
    const closed = becomes("closed");
    client.connect(url);
    await closed;
  });
});

describe("run", () => {
  it.each([403, 404, 502, 503])(
    "[client.reconnect] [failure.19] comes back after an error page with status %i",
    async (status) => {
      errorPage = status;
      const waiting = becomes("waiting");
      client.run(url);
      await waiting;
      errorPage = undefined;
      const [server] = await connection();
      const open = becomes("open");
      send(server, HELLO, RESET);
      await open;
    },
  );

  it("[client.resume] [failure.1] resumes after the server was down, and shows its new life", async () => {
    const asked = connection();
    client.run(url);
    const [first] = await asked;
    const shown = changed();
    send(first, HELLO, RESET, snapshot(1, 3, { a: 0 }), snapshot(2, 4, 0));
    await shown;
    const port = (http.address() as AddressInfo).port;
    const waiting = becomes("waiting");
    await shut();
    await waiting;
    expect(client.ids()).toEqual([1, 2]);
    const again = connection();
    await listen(port);
    const [second, query] = await again;
    expect(query.get("since")).toBe("e:4");
    const anew = changed();
    send(second, HELLO, RESET, snapshot(1, 0, { a: 1 }, "f"));
    await anew;
    expect([client.ids(), client.value(1), client.cursor]).toEqual([[1], { a: 1 }, "f:0"]);
  });

  it("[client.proposals] [failure.8] sends a proposal again that was never answered", async () => {
    const asked = connection();
    client.run(url);
    const [first] = await asked;
    const shown = changed();
    send(first, HELLO, RESET, snapshot(1, 3, { a: 0 }));
    await shown;
    const sent = once(first, "message");
    const outcome = client.propose(1, { a: 1 });
    const [frame] = await sent;
    const again = connection();
    first.terminate();
    const [second, query] = await again;
    expect(query.get("since")).toBe("e:3");
    const resent = once(second, "message");
    send(second, HELLO);
    const [same] = await resent;
    expect(String(same)).toBe(String(frame));
    const { proposal } = JSON.parse(String(frame));
    send(second, patch(1, 3, 4, 1), { t: "ack", id: 1, rev: 4, proposals: [proposal] });
    expect(await outcome).toEqual({ rev: 4 });
    expect(client.value(1)).toEqual({ a: 1 });
  });

  it("[client.refused] ends with what the server says when it refuses", async () => {
    const asked = connection();
    const done = client.run(url);
    const [server] = await asked;
    server.close(4403, "not from there");
    await expect(done).rejects.toBeInstanceOf(RefusedError);
    await expect(done).rejects.toEqual(
      expect.objectContaining({ code: 4403, reason: "not from there" }),
    );
  });

  it("[client.stop] closes the socket when it is stopped", async () => {
    const asked = connection();
    const done = client.run(url);
    const [server] = await asked;
    const open = becomes("open");
    send(server, HELLO, RESET);
    await open;
    const closed = once(server, "close");
    client.stop();
    await Promise.all([done, closed]);
    expect(client.status).toBe("closed");
  });
});
