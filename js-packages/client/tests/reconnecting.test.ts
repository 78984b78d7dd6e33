import { beforeEach, describe, expect, it, vi } from "vitest";
import { registerCodec } from "../src/codecs.js";
import { RefusedError, type TransportsError } from "../src/errors.js";
import { stringify } from "../src/json.js";
import { client, draws, latest, made, query, running, speak, URL_ } from "./dialed.js";
import { HEARTBEAT, HELLO, patch, RESET, snapshot } from "./fakeSocket.js";

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
    draws(0);
    client.run(URL_);
    latest().end();
    vi.advanceTimersByTime(0);
    expect(made.length).toBe(2);
  });

  it("[client.backoff] begins anew after a connection that lasted, and only then", () => {
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
    speak("flaky");
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
