import { Client } from "@1kbgz/transports";
import { beforeEach, expect, it, vi } from "vitest";
import { socketClass } from "../src/kernelSocket.js";
import { feelPulse } from "../src/pulse.js";
import { FakeModel, settle } from "./kernel.js";

let model: FakeModel;
let el: HTMLElement;
let client: Client;

beforeEach(async () => {
  vi.useFakeTimers();
  model = new FakeModel();
  el = document.createElement("div");
  const pulse = feelPulse({ model, el });
  client = new Client("json", { WebSocket: socketClass(model, pulse), random: () => 0.5 });
  // A refusal is told by the status, too.
  client.run("comm:view").catch(() => {});
  await settle();
  return () => {
    client.stop();
    pulse.end();
    vi.useRealTimers();
  };
});

it("says that it is ready, under a name of its own", () => {
  expect(model.sent).toEqual([{ ready: true, v: "1", view: expect.any(String) }]);
});

it("applies what is for it, and nothing that is for others", () => {
  model.show({ tick: 1 });
  model.say({ view: "another", wire: '{"t":"reset"}' });
  model.say({ wire: '{"t":"reset"}' });
  expect([client.status, client.value(1)]).toEqual(["open", { tick: 1 }]);
});

it("answers when the roll is called", () => {
  model.say({ roll: 4 });
  expect(model.sent.at(-1)).toEqual({ here: 4, view: model.view });
});

it("sends edits", async () => {
  model.show({ tick: 1 });
  const outcome = client.propose(1, { tick: 2 });
  const [{ proposal } = {}] = model.proposals;
  expect(model.sent.at(-1)).toMatchObject({ view: model.view });
  model.tell({ t: "ack", id: 1, rev: 1, proposals: [proposal] });
  expect(await outcome).toEqual({ rev: 1 });
});

it("begins again where it was when the kernel does not know it", async () => {
  model.show({ tick: 1 });
  const { view } = model;
  model.say({ view, lost: true });
  expect(client.status).toBe("waiting");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(model.sent.at(-1)).toMatchObject({ ready: true, since: "e:1" });
  expect(model.view).not.toBe(view);
});

it.each([
  ["hears the number after the next", () => model.say({ view: model.view, wire: "[]", number: 3 })],
  ["hears a number once more", () => model.say({ view: model.view, wire: "[]", number: 1 })],
  ["has not heard the last", () => model.say({ numbers: { another: 9, [`${model.view}`]: 2 } })],
  ["is none of those whose last is told", () => model.say({ numbers: { another: 9 } })],
])("[jupyter.loss] begins again where it was when it %s", async (_, miss) => {
  model.show({ tick: 1 });
  const { view } = model;
  const outcome = client.propose(1, { tick: 2 });
  const [{ proposal } = {}] = model.proposals;
  miss();
  expect(client.status).toBe("waiting");
  expect(model.sent.at(-1)).toEqual({ gone: true, view });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(model.sent.at(-1)).toMatchObject({ ready: true, since: expect.any(String) });
  expect(model.view).not.toBe(view);
  model.tell({ t: "hello", v: 1, conn: "d", heartbeat: 0 });
  expect([client.status, client.value(1)]).toEqual(["open", { tick: 1 }]);
  expect(model.proposals.map((sent) => sent["proposal"])).toEqual([proposal, proposal]);
  model.tell({ t: "ack", id: 1, rev: 1, proposals: [proposal] });
  expect(await outcome).toEqual({ rev: 1 });
});

it("[jupyter.loss] begins again when the kernel has not heard that it is ready", async () => {
  const { view } = model;
  model.say({ numbers: { another: 9 } });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(model.view).not.toBe(view);
  model.show({ tick: 1 });
  expect(client.status).toBe("open");
});

it("[jupyter.loss] goes on when it has heard all there was", () => {
  model.show({ tick: 1 });
  const before = model.sent.length;
  model.say({ numbers: { another: 9, [`${model.view}`]: 1 } });
  expect([client.status, model.sent.length]).toEqual(["open", before]);
});

it("ends for good when it is refused", () => {
  model.say({ view: model.view, close: { code: 4403, reason: "not you" } });
  expect(client.status).toBe("closed");
});

it("says that it is gone, and listens no more", () => {
  model.show({ tick: 1 });
  const { view } = model;
  client.stop();
  expect(model.sent.at(-1)).toEqual({ gone: true, view });
  const before = model.sent.length;
  model.say({ roll: 1 });
  expect(model.sent.length).toBe(before);
});

it.each(["restarting", "autorestarting", "dead", "terminating"])(
  "[jupyter.restart] is disconnected once the kernel is %s, and sends nothing more",
  async (status) => {
    model.show({ tick: 1 });
    const before = model.sent.length;
    model.become("busy");
    expect(client.status).toBe("open");
    model.become(status);
    expect(client.status).toBe("waiting");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(client.status).not.toBe("open");
    expect(model.sent.length).toBe(before);
  },
);

it("[jupyter.restart] is disconnected once the widget has no other end, until it has", async () => {
  model.show({ tick: 1 });
  el.className = "jupyter-widgets-disconnected";
  model.emit("comm_live_update");
  expect(client.status).toBe("waiting");
  await vi.advanceTimersByTimeAsync(60_000);
  el.className = "";
  model.emit("comm_live_update");
  await vi.advanceTimersByTimeAsync(60_000);
  model.show({ tick: 2 });
  expect([client.status, client.value(1)]).toEqual(["open", { tick: 2 }]);
});

it("is disconnected when nothing can be sent", async () => {
  model.show({ tick: 1 });
  model.failure = new Error("Cannot send");
  const outcome = client.propose(1, { tick: 2 });
  outcome.catch(() => {});
  await settle();
  expect(client.status).toBe("waiting");
});
