import { describe, expect, it, vi } from "vitest";
import { Client } from "../src/client.js";
import { EditRejected, EditUnknown } from "../src/errors.js";
import { client, latest, made, running, settled, URL_ } from "./dialed.js";
import { type FakeSocket, fakeSockets, patch, RESET, snapshot } from "./fakeSocket.js";

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
