import { describe, expect, it, vi } from "vitest";
import { Client } from "../src/client.js";
import {
  ConnectionClosedError,
  EditUnknown,
  LocalProtocolError,
  type TransportsError,
} from "../src/errors.js";
import { client, latest, made, query, running, settled, URL_ } from "./dialed.js";
import { type FakeSocket, fakeSockets, patch, RESET, snapshot } from "./fakeSocket.js";

describe("connect", () => {
  it("asks for the protocol's version, and keeps the address's own query", () => {
    client.connect("ws://host/ws?room=7");
    expect(query(latest())).toEqual({ room: "7", v: "1" });
    expect(latest().binaryType).toBe("arraybuffer");
  });

  it("asks for standard operations where it is told to", () => {
    const { made, WebSocket } = fakeSockets();
    new Client("json", { WebSocket, ops: "rfc6902" }).connect(URL_);
    expect(query(made[0] as FakeSocket)).toEqual({ ops: "rfc6902", v: "1" });
    made[0]?.end();
  });

  it("takes web addresses, too", () => {
    client.connect("https://host/ws");
    expect(latest().url.protocol).toBe("wss:");
  });

  it("[client.up-to-date] has taken a message in before any other listener is told", () => {
    const socket = client.connect(URL_);
    const shown: unknown[] = [];
    socket.addEventListener("message", () => shown.push(client.value(1)));
    latest().open(RESET, snapshot(1, 3, { a: 0 }));
    latest().receive(patch(1, 3, 4, 5));
    expect(shown).toEqual([{ a: 0 }, { a: 5 }]);
  });

  it("[opening.shared] is open once it is shown everything, where there was no cursor", () => {
    client.connect(URL_);
    const shown: unknown[] = [];
    client.onStatus((status) => shown.push([status, client.ids()]));
    latest().open();
    expect(client.status).toBe("connecting");
    latest().receive(RESET, snapshot(1, 3, { a: 0 }));
    expect(shown).toEqual([["open", [1]]]);
  });

  it("[client.resume] resumes from where the client was", () => {
    client.connect(URL_);
    latest().open(RESET, snapshot(1, 3, { a: 0 }));
    latest().end();
    client.connect(URL_);
    expect(query(latest())).toEqual({ since: "e:3", v: "1" });
    latest().open(patch(1, 3, 4, 5));
    expect(client.value(1)).toEqual({ a: 5 });
  });

  it("ends once: nothing connects again", () => {
    client.connect(URL_);
    latest().open();
    latest().end(1012);
    vi.advanceTimersByTime(100_000);
    expect([made.length, client.status]).toEqual([1, "closed"]);
  });

  it("[client.one-connection] is refused while there is a connection, which goes on", async () => {
    const connected = expect.objectContaining({
      constructor: LocalProtocolError,
      code: "connected",
    });
    for (const begin of [() => void client.connect(URL_), () => void running()]) {
      begin();
      const first = latest();
      expect(() => client.connect(URL_)).toThrow(connected);
      await expect(client.run(URL_)).rejects.toEqual(connected);
      expect([latest(), first.readyState < 2, client.status !== "closed"]).toEqual([
        first,
        true,
        true,
      ]);
      client.stop();
    }
  });

  it("[client.one-connection] is refused while another attempt is due", async () => {
    const done = running();
    latest().end();
    expect(() => client.connect(URL_)).toThrow(LocalProtocolError);
    vi.advanceTimersByTime(500);
    latest().open(patch(1, 3, 4, 5));
    expect([made.length, client.value(1)]).toEqual([2, { a: 5 }]);
    client.stop();
    await done;
  });

  it("[client.one-connection] resumes after stop, and takes in nothing of the earlier one", () => {
    client.connect(URL_);
    const first = latest();
    first.open(RESET, snapshot(1, 3, { a: 0 }));
    client.stop();
    client.connect(URL_);
    expect([first.readyState, query(latest())]).toEqual([2, { since: "e:3", v: "1" }]);
    first.receive(patch(1, 3, 4, 5));
    first.end(4403);
    expect([client.value(1), client.status]).toEqual([{ a: 0 }, "connecting"]);
    latest().open(patch(1, 3, 6, 7));
    expect([client.value(1), client.status]).toEqual([{ a: 7 }, "open"]);
  });

  it("says where there is no WebSocket", async () => {
    vi.stubGlobal("WebSocket", undefined);
    const other = new Client();
    vi.unstubAllGlobals();
    expect(() => other.connect(URL_)).toThrow(LocalProtocolError);
    await expect(other.run(URL_)).rejects.toBeInstanceOf(LocalProtocolError);
    expect(other.status).toBe("closed");
  });

  it("throws where the address is none, and is as before", async () => {
    expect(() => client.connect("ws://")).toThrow(TypeError);
    await expect(client.run("ws://")).rejects.toThrow(TypeError);
    expect(client.status).toBe("closed");
    client.connect(URL_);
    expect(client.status).toBe("connecting");
    // It is not `run` that was called.
    latest().end();
    expect(client.status).toBe("closed");
  });
});

describe("status", () => {
  it("says what the client is doing, and why a connection ended", () => {
    const told: [string, (new (...args: never[]) => TransportsError) | undefined, unknown][] = [];
    client.onStatus((status, problem) => {
      const code = problem instanceof ConnectionClosedError ? problem.code : undefined;
      told.push([status, problem?.constructor as never, code]);
    });
    client.run(URL_);
    latest().open(RESET);
    latest().end(1012, "restart");
    vi.advanceTimersByTime(250);
    latest().open(RESET);
    client.stop();
    expect(told).toEqual([
      ["connecting", undefined, undefined],
      ["open", undefined, undefined],
      ["waiting", ConnectionClosedError, 1012],
      ["connecting", undefined, undefined],
      ["open", undefined, undefined],
      ["closed", undefined, undefined],
    ]);
  });

  it("is closed before anything, and after a connection", () => {
    expect(client.status).toBe("closed");
    client.connect(URL_);
    expect(client.status).toBe("connecting");
    latest().end();
    expect(client.status).toBe("closed");
  });
});

describe("stop", () => {
  it("[client.stop] [failure.19] closes the socket, applies nothing more, and may be called again", async () => {
    const done = running();
    const socket = latest();
    client.stop();
    client.stop();
    await done;
    expect([socket.readyState, client.status]).toEqual([2, "closed"]);
    socket.receive(patch(1, 3, 4, 5));
    socket.end(4403);
    vi.advanceTimersByTime(100_000);
    expect([client.value(1), made.length]).toEqual([{ a: 0 }, 1]);
  });

  it("[client.stop] ends the wait for another attempt", async () => {
    const done = running();
    latest().end();
    client.stop();
    await done;
    vi.advanceTimersByTime(100_000);
    expect(made.length).toBe(1);
  });

  it("does nothing where nothing runs", () => {
    client.stop();
    expect(client.status).toBe("closed");
  });

  it("[client.stop] takes effect in the middle of a frame's news", () => {
    running();
    client.onChange(() => client.stop());
    latest().receive(patch(1, 3, 4, 5));
    expect([client.status, latest().sent]).toEqual(["closed", []]);
  });

  it("may be called as soon as the client is greeted", async () => {
    const done = client.run(URL_);
    client.onStatus((status) => {
      if (status === "open") client.stop();
    });
    latest().open(RESET, snapshot(1, 3, { a: 0 }));
    await done;
    expect(client.status).toBe("closed");
    client.connect(URL_);
    const outcome = client.propose(1, { a: 1 });
    await settled();
    expect(latest().sent).toEqual([]);
    client.stop();
    await expect(outcome).rejects.toBeInstanceOf(EditUnknown);
  });

  it("may be called as soon as it runs", async () => {
    client.onStatus((status) => {
      if (status === "connecting") client.stop();
    });
    await client.run(URL_);
    expect(client.status).toBe("closed");
  });

  it("leaves the client free to run again", async () => {
    const first = running();
    client.stop();
    await first;
    client.run(URL_);
    expect(query(latest())).toEqual({ since: "e:3", v: "1" });
  });
});

it("sends over the connection there is, and says where there is none", () => {
  expect(() => client.send("x")).toThrow(ConnectionClosedError);
  client.connect(URL_);
  expect(() => client.send("{}")).toThrow(ConnectionClosedError);
  latest().open(RESET, snapshot(1, 3, { a: 0 }));
  client.send(client.edit(1, { a: 4 }));
  expect(latest().sent[0]?.["ops"]).toEqual([{ op: "replace", path: "/a", value: 4 }]);
  latest().end();
  expect(() => client.send("{}")).toThrow(ConnectionClosedError);
});
