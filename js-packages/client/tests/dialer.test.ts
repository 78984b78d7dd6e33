import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Client } from "../src/client.js";
import { registerCodec } from "../src/codecs.js";
import {
  ConnectionClosedError,
  EditRejected,
  EditUnknown,
  LocalProtocolError,
  RefusedError,
  type TransportsError,
} from "../src/errors.js";
import { stringify } from "../src/json.js";
import {
  type FakeSocket,
  fakeSockets,
  HEARTBEAT,
  HELLO,
  patch,
  RESET,
  snapshot,
} from "./fakeSocket.js";

const URL_ = "ws://host/ws";
let made: FakeSocket[];
let client: Client;
let draw: number;

beforeEach(() => {
  vi.useFakeTimers();
  const sockets = fakeSockets();
  made = sockets.made;
  draw = 0.5;
  client = new Client("json", { WebSocket: sockets.WebSocket, random: () => draw });
});

afterEach(() => {
  client.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** Give the latest connection. */
function latest(): FakeSocket {
  const socket = made.at(-1);
  if (!socket) throw new Error("no connection was made");
  return socket;
}

/** Run, be greeted, and be shown a model. */
function running(): Promise<void> {
  const done = client.run(URL_);
  latest().open(RESET, snapshot(1, 3, { a: 0 }));
  return done;
}

function query(socket: FakeSocket): Record<string, string> {
  return Object.fromEntries(socket.url.searchParams);
}

/** Let whatever waits for nothing but its turn have it. */
async function settled(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

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

describe("run", () => {
  it("[client.reconnect] [failure.19] tries for ever, whatever the handshake ended in", () => {
    client.run(URL_);
    for (let attempt = 1; attempt <= 50; attempt++) {
      latest().end();
      expect(client.status).toBe("waiting");
      vi.advanceTimersByTime(30_000);
      expect(made.length).toBe(attempt + 1);
    }
  });

  it("[client.backoff] [failure.19] waits a random part of a bound that doubles up to 30 seconds", () => {
    draw = 0.5;
    client.run(URL_);
    const waits: number[] = [];
    for (let attempt = 0; attempt < 9; attempt++) {
      latest().end();
      const count = made.length;
      const began = Date.now();
      while (made.length === count) vi.advanceTimersToNextTimer();
      waits.push(Date.now() - began);
    }
    expect(waits).toEqual(
      [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000].map((ms) => ms / 2),
    );
  });

  it("[client.backoff] waits nothing at all where that is what is drawn", () => {
    draw = 0;
    client.run(URL_);
    latest().end();
    vi.advanceTimersByTime(0);
    expect(made.length).toBe(2);
  });

  it("[client.backoff] begins anew after a connection that lasted, and only then", () => {
    draw = 0.5;
    client.run(URL_);
    for (const lastsMs of [0, 0, 4_999]) {
      latest().open();
      vi.advanceTimersByTime(lastsMs);
      latest().end(4408);
      const count = made.length;
      vi.advanceTimersToNextTimer();
      expect(made.length).toBe(count + 1);
    }
    // The next bound would be 4 seconds.
    latest().open();
    vi.advanceTimersByTime(5_000);
    latest().end(1012);
    vi.advanceTimersByTime(250);
    expect(made.length).toBe(5);
  });

  it.each([1000, 1001, 1005, 1006, 1009, 1011, 1012, 1013, 4000, 4399, 4407, 4408])(
    "[client.reconnect] connects again after %i",
    (code) => {
      client.run(URL_);
      latest().end(code);
      vi.advanceTimersByTime(500);
      expect(made.length).toBe(2);
    },
  );

  it.each([4400, 4401, 4402, 4403, 4404, 4405, 4406])(
    "[client.refused] gives up after %i",
    async (code) => {
      const told: unknown[] = [];
      client.onStatus((...news) => told.push(news));
      const done = client.run(URL_);
      latest().end(code, "no");
      await expect(done).rejects.toEqual(expect.objectContaining({ code, reason: "no" }));
      await expect(done).rejects.toBeInstanceOf(RefusedError);
      vi.advanceTimersByTime(100_000);
      expect([made.length, client.status]).toEqual([1, "closed"]);
      expect(told.at(-1)).toEqual(["closed", expect.any(RefusedError)]);
    },
  );

  it("[client.resume] [failure.1] resumes, and drops the life of a server that restarted", () => {
    running();
    latest().receive(snapshot(2, 4, { a: 9 }));
    latest().end(1012);
    expect(client.ids()).toEqual([1, 2]);
    vi.advanceTimersByTime(250);
    expect(query(latest())).toEqual({ since: "e:4", v: "1" });
    latest().open(RESET, snapshot(1, 0, { a: "new" }, "f"));
    expect([client.ids(), client.value(1), client.cursor]).toEqual([[1], { a: "new" }, "f:0"]);
    latest().receive(patch(1, 0, 4, "newer"));
    expect(client.value(1)).toEqual({ a: "newer" });
  });

  it("[failure.18] shows models that came later, and drops those that left", () => {
    running();
    latest().receive(snapshot(2, 4, { a: 1 }));
    latest().receive(patch(2, 4, 5, 2));
    expect([client.ids(), client.value(2)]).toEqual([[1, 2], { a: 2 }]);
    latest().receive({ t: "remove", id: 1, epoch: "e", rev: 6 });
    expect([client.ids(), client.value(1), client.cursor]).toEqual([[2], undefined, "e:6"]);
  });

  it("[mirror.gap] asks for all anew, once, where something was missed", () => {
    running();
    latest().receive(patch(1, 7, 8, 1));
    latest().receive(patch(1, 8, 9, 1));
    latest().receiveRaw("no JSON");
    expect(latest().sent).toEqual([{ t: "resync" }]);
    expect([client.value(1), client.cursor]).toEqual([{ a: 0 }, null]);
    latest().receive(RESET, snapshot(1, 9, { a: 9 }));
    expect([client.value(1), client.cursor]).toEqual([{ a: 9 }, "e:9"]);
  });

  it.each(["no JSON", "[1]", "7", "", new ArrayBuffer(3), new Blob([])])(
    "[codec.malformed] takes what is no frame for a gap",
    (data) => {
      running();
      latest().receiveRaw(data);
      expect([latest().sent, client.cursor]).toEqual([[{ t: "resync" }], null]);
    },
  );

  it("connects without a cursor while something is missing", () => {
    running();
    latest().receive(patch(1, 7, 8, 1));
    latest().end();
    vi.advanceTimersByTime(500);
    expect(query(latest())).toEqual({ v: "1" });
    expect(client.value(1)).toEqual({ a: 0 });
    latest().open(RESET, snapshot(2, 9, { a: 9 }));
    expect(client.ids()).toEqual([2]);
  });

  it("shows a closing message of the server as the reason", () => {
    let problem: TransportsError | undefined;
    client.onStatus((_status, why) => {
      problem = why;
    });
    client.connect(URL_);
    latest().open();
    latest().receive({ t: "error", code: "malformed", message: "no such message" });
    latest().end(4400, "no such message");
    expect(problem).toEqual(expect.objectContaining({ code: 4400, reason: "no such message" }));
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

describe("heartbeat", () => {
  const patienceMs = HEARTBEAT * 2_000;

  it("[client.heartbeat] [failure.22] gives up a connection that is silent for twice the heartbeat", () => {
    running();
    const socket = latest();
    vi.advanceTimersByTime(patienceMs - 1);
    expect(client.status).toBe("open");
    vi.advanceTimersByTime(1);
    // A dead connection does not say that it is closed.
    expect([socket.readyState, client.status]).toEqual([2, "waiting"]);
    vi.advanceTimersByTime(250);
    expect(query(latest())).toEqual({ since: "e:3", v: "1" });
  });

  it("[client.heartbeat] takes anything for a sign of life", () => {
    running();
    for (let beat = 0; beat < 20; beat++) {
      vi.advanceTimersByTime(patienceMs - 1);
      latest().receive({ t: "ping" });
    }
    expect([made.length, client.status]).toEqual([1, "open"]);
    vi.advanceTimersByTime(patienceMs);
    expect(client.status).toBe("waiting");
  });

  it("[client.heartbeat] has twice the patience after each silence, until frames flow again", () => {
    client.run(URL_);
    for (const factor of [1, 2, 4]) {
      latest().open(RESET);
      vi.advanceTimersByTime(patienceMs * factor - 1);
      expect(client.status).toBe("open");
      vi.advanceTimersByTime(1);
      expect(client.status).toBe("waiting");
      vi.advanceTimersByTime(500);
    }
    latest().open();
    latest().receive({ t: "ping" });
    latest().end();
    vi.advanceTimersByTime(30_000);
    latest().open();
    vi.advanceTimersByTime(patienceMs);
    expect(client.status).toBe("waiting");
  });

  it("[client.heartbeat] gives up a connection on which no greeting comes", () => {
    client.run(URL_);
    vi.advanceTimersByTime(30_000);
    expect([latest().readyState, client.status]).toEqual([2, "waiting"]);
  });

  it("expects nothing where the server promises nothing", () => {
    client.run(URL_);
    latest().readyState = 1;
    latest().receive({ ...(HELLO as object), heartbeat: 0 }, RESET);
    vi.advanceTimersByTime(10_000_000);
    expect(client.status).toBe("open");
  });

  it("[client.heartbeat] closes a single connection, and says so at once", () => {
    client.connect(URL_);
    latest().open();
    vi.advanceTimersByTime(patienceMs);
    expect([latest().readyState, client.status]).toEqual([2, "closed"]);
  });
});

describe("proposals", () => {
  const edit = { op: "replace", path: "/a", value: 1 } as const;

  function token(socket: FakeSocket, at = -1): string {
    return String(socket.sent.at(at)?.["proposal"]);
  }

  it("are sent with what the client saw, and are accepted with a revision", async () => {
    running();
    const outcome = client.propose(1, { a: 1 });
    await settled();
    expect(latest().sent).toEqual([
      { t: "patch", id: 1, epoch: "e", base: 3, ops: [edit], proposal: expect.any(String) },
    ]);
    expect(client.value(1)).toEqual({ a: 0 });
    const proposals = [token(latest())];
    latest().receive(patch(1, 3, 4, 1), { t: "ack", id: 1, rev: 4, proposals });
    expect(await outcome).toEqual({ rev: 4 });
    expect(client.value(1)).toEqual({ a: 1 });
  });

  it("are rejected with the model's own words, which all listeners hear too", async () => {
    running();
    const heard: EditRejected[] = [];
    client.onReject((rejection) => heard.push(rejection));
    const outcome = client.proposeOps(1, [edit]);
    await settled();
    const details = [{ loc: ["a"], msg: "too small", type: "greater_than" }];
    const error = { code: "invalid", message: "no", details };
    latest().receive({ t: "reject", id: 1, rev: 3, proposal: token(latest()), error });
    await expect(outcome).rejects.toBeInstanceOf(EditRejected);
    const facts = { code: "invalid", message: "no", details, id: 1, proposal: token(latest()) };
    await expect(outcome).rejects.toEqual(expect.objectContaining(facts));
    expect(heard).toEqual([await outcome.catch((problem: unknown) => problem)]);
  });

  it("a rejection without details has none", async () => {
    running();
    const outcome = client.proposeOps(1, [edit]);
    await settled();
    const error = { code: "conflict", message: "gone" };
    latest().receive({ t: "reject", id: 1, rev: 0, proposal: token(latest()), error });
    await expect(outcome).rejects.toEqual(expect.objectContaining({ details: null }));
  });

  it("have tokens that nobody else has", async () => {
    running();
    const others = fakeSockets();
    const other = new Client("json", { WebSocket: others.WebSocket });
    other.connect(URL_);
    others.made[0]?.open(RESET, snapshot(1, 3, { a: 0 }));
    const pending = [
      client.proposeOps(1, [edit]),
      client.proposeOps(1, [edit]),
      other.proposeOps(1, [edit]),
    ];
    for (const one of pending) one.catch(() => {});
    await settled();
    const tokens = [...latest().sent, ...(others.made[0]?.sent ?? [])].map((it) => it["proposal"]);
    expect(new Set(tokens).size).toBe(3);
    for (const one of tokens) expect(String(one).length).toBeGreaterThan(24);
    other.stop();
  });

  it("[client.proposals] [failure.8] are sent again, unchanged, after a reconnect in the same epoch", async () => {
    running();
    const outcome = client.proposeOps(1, [edit]);
    await settled();
    const [first] = latest().sent;
    latest().end();
    vi.advanceTimersByTime(500);
    latest().open();
    expect(latest().sent).toEqual([first]);
    // What else is heard does not send it once more.
    latest().receive({ t: "ping" });
    latest().receive(patch(1, 3, 4, 1), { t: "ack", id: 1, rev: 4, proposals: [token(latest())] });
    expect(await outcome).toEqual({ rev: 4 });
    expect(latest().sent.length).toBe(1);
  });

  it("[client.proposals] wait for a connection, in their order", async () => {
    running();
    latest().end();
    const outcomes = [client.proposeOps(1, [edit]), client.propose(1, { a: 2 })];
    await settled();
    vi.advanceTimersByTime(500);
    expect(latest().sent).toEqual([]);
    latest().open();
    expect(latest().sent.map((it) => it["ops"])).toEqual([[edit], [{ ...edit, value: 2 }]]);
    const proposals = latest().sent.map((it) => String(it["proposal"]));
    latest().receive({ t: "ack", id: 1, rev: 5, proposals });
    expect(await Promise.all(outcomes)).toEqual([{ rev: 5 }, { rev: 5 }]);
  });

  it("[client.proposals] have an unknown outcome once their epoch is gone, and are not sent again", async () => {
    running();
    const outcome = client.proposeOps(1, [edit]);
    await settled();
    const proposal = token(latest());
    latest().end();
    vi.advanceTimersByTime(500);
    latest().open(RESET, snapshot(1, 0, { a: 0 }, "f"));
    await expect(outcome).rejects.toBeInstanceOf(EditUnknown);
    const facts = { id: 1, epoch: "e", base: 3, ops: [edit], proposal };
    await expect(outcome).rejects.toEqual(expect.objectContaining(facts));
    expect(latest().sent).toEqual([]);
  });

  it("[client.proposals] wait, where something was missed, until it is made good", async () => {
    running();
    latest().receive(patch(1, 7, 8, 1));
    const outcome = client.proposeOps(1, [edit]);
    await settled();
    latest().end();
    vi.advanceTimersByTime(500);
    latest().readyState = 1;
    expect(latest().sent).toEqual([]);
    latest().open(RESET, snapshot(1, 8, { a: 8 }));
    expect(latest().sent.length).toBe(1);
    latest().receive({ t: "ack", id: 1, rev: 9, proposals: [token(latest())] });
    expect(await outcome).toEqual({ rev: 9 });
  });

  it("[client.proposals] have an unknown outcome in a life that shows no model at all", async () => {
    running();
    const outcome = client.proposeOps(1, [edit]);
    await settled();
    latest().end();
    vi.advanceTimersByTime(500);
    latest().open(RESET);
    await expect(outcome).rejects.toBeInstanceOf(EditUnknown);
    expect(latest().sent).toEqual([]);
  });

  it("[client.proposals] are sent again after a reset, for their answer may have been missed", async () => {
    running();
    const outcome = client.proposeOps(1, [edit]);
    await settled();
    latest().receive(patch(1, 7, 8, 1), { t: "ack", id: 1, rev: 8, proposals: [token(latest())] });
    latest().receive(RESET, snapshot(1, 8, { a: 1 }));
    expect(latest().sent.map((it) => it["t"])).toEqual(["patch", "resync", "patch"]);
    expect(token(latest(), 2)).toBe(token(latest(), 0));
    latest().receive({ t: "ack", id: 1, rev: 8, proposals: [token(latest())] });
    expect(await outcome).toEqual({ rev: 8 });
  });

  it("[edit.once] made while the mirror is lost are sent once, after the reset", async () => {
    running();
    latest().receive(patch(1, 7, 8, 1));
    const outcome = client.proposeOps(1, [edit]);
    await settled();
    expect(latest().sent.map((it) => it["t"])).toEqual(["resync"]);
    latest().receive(RESET, snapshot(1, 8, { a: 1 }));
    expect(latest().sent.map((it) => it["t"])).toEqual(["resync", "patch"]);
    latest().receive({ t: "ack", id: 1, rev: 9, proposals: [token(latest(), 1)] });
    expect(await outcome).toEqual({ rev: 9 });
  });

  it("[edit.honest] that a socket which is closing does not take go over the next one", async () => {
    running();
    latest().readyState = 2;
    const outcome = client.proposeOps(1, [edit]);
    await settled();
    expect(latest().sent).toEqual([]);
    latest().end(1012);
    vi.advanceTimersByTime(500);
    latest().open();
    latest().receive({ t: "ack", id: 1, rev: 4, proposals: [token(latest())] });
    expect(await outcome).toEqual({ rev: 4 });
  });

  it("[edit.honest] whose answer nobody remembers have an unknown outcome, and were not refused", async () => {
    const told: unknown[] = [];
    client.onReject(({ proposal }) => told.push(proposal));
    running();
    const outcome = client.proposeOps(1, [edit]);
    await settled();
    const error = { code: "forgotten", message: "-" };
    latest().receive({ t: "reject", id: 1, rev: 3, proposal: token(latest()), error });
    await expect(outcome).rejects.toBeInstanceOf(EditUnknown);
    expect(told).toEqual([]);
  });

  it.each([1009, 4400])("[client.proposals] in flight at %i are not sent again", async (code) => {
    const done = running();
    done.catch(() => {});
    const sent = client.proposeOps(1, [edit]);
    await settled();
    latest().end(code);
    await expect(sent).rejects.toBeInstanceOf(EditUnknown);
    vi.advanceTimersByTime(500);
    if (made.length > 1) latest().open();
    expect(made.slice(1).flatMap((socket) => socket.sent)).toEqual([]);
  });

  it.each(["end", "stop"])(
    "[client.proposals] of a single connection fail at its %s",
    async (how) => {
      client.connect(URL_);
      latest().open(RESET, snapshot(1, 3, { a: 0 }));
      const outcome = client.proposeOps(1, [edit]);
      await settled();
      if (how === "stop") client.stop();
      else latest().end(1012);
      await expect(outcome).rejects.toBeInstanceOf(EditUnknown);
    },
  );

  it("answers to what others proposed, or to what was answered, are no matter", async () => {
    running();
    const heard: string[] = [];
    client.onReject(({ proposal }) => heard.push(proposal));
    const error = { code: "invalid", message: "no" };
    latest().receive({ t: "ack", id: 1, rev: 3, proposals: ["x"] });
    latest().receive({ t: "reject", id: 1, rev: 3, proposal: "y", error });
    expect(heard).toEqual(["y"]);
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

describe("a codec that throws", () => {
  let broken = "";
  const guarded = (what: string) => {
    if (what === broken) throw new Error(what);
  };

  beforeEach(() => {
    broken = "";
    registerCodec(
      "flaky",
      (content) => {
        guarded("encode");
        return stringify(content);
      },
      (frame) => {
        guarded("decode");
        return JSON.parse(String(frame));
      },
    );
    const sockets = fakeSockets();
    made = sockets.made;
    client = new Client("flaky", { WebSocket: sockets.WebSocket, random: () => draw });
  });

  it("[application.contained] has everything sent anew", () => {
    running();
    broken = "decode";
    latest().receive(patch(1, 3, 4, 1));
    broken = "";
    expect(latest().sent.at(-1)).toEqual({ t: "resync" });
    latest().receive(RESET, snapshot(1, 4, { a: 1 }));
    expect(client.value(1)).toEqual({ a: 1 });
  });

  it("[application.contained] comes back without a cursor where it cannot even ask for that", async () => {
    running();
    const first = latest();
    broken = "encode";
    first.receive(patch(1, 5, 6, 1));
    expect([client.status, first.readyState]).toEqual(["waiting", 2]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(latest()).not.toBe(first);
    expect(query(latest())).toEqual({ codec: "flaky", v: "1" });
    latest().open(RESET, snapshot(1, 6, { a: 1 }));
    expect([client.status, client.value(1)]).toEqual(["open", { a: 1 }]);
  });
});
