import { afterEach, beforeEach, expect, it, vi } from "vitest";
import loader from "../src/loader.js";
import { FakeModel, settle } from "./kernel.js";

const SHELF = Symbol.for("transports-widget under test");
// A front end that says where it was rendered.
const SOURCE = "export function render({ el }) { el.textContent = 'rendered'; return () => {}; }";

beforeEach(() => {
  vi.useFakeTimers();
  Reflect.deleteProperty(globalThis, SHELF);
  // jsdom has no such thing, and Node imports no blobs.
  URL.createObjectURL = () => `data:text/javascript,${encodeURIComponent(SOURCE)}`;
});

afterEach(() => {
  vi.useRealTimers();
});

function view() {
  const model = new FakeModel();
  const el = document.createElement("div");
  return { model, el, end: loader.render({ model, el }) };
}

function give(model: FakeModel, frontend = "under test") {
  model.say({ frontend, source: SOURCE });
}

it("[failure.32] asks for the front end once a page, and renders every view with it", async () => {
  const views = [view(), view(), view()];
  expect(views.map(({ model }) => model.sent)).toEqual([[{ frontend: "under test" }], [], []]);
  expect(views.map(({ el }) => el.textContent)).toEqual(Array(3).fill("waiting for the kernel…"));
  give(views[0]?.model ?? new FakeModel());
  await Promise.all(views.map(({ end }) => end));
  const late = view();
  await late.end;
  for (const { el, model } of [...views, late]) {
    expect(el.textContent).toBe("rendered");
    expect(model.listeners).toBe(0);
  }
  expect(late.model.sent).toEqual([]);
});

it("takes no other version for it", async () => {
  const { model, el } = view();
  give(model, "older");
  await settle();
  expect(el.textContent).toBe("waiting for the kernel…");
});

it("has another view ask where the first gets no answer", async () => {
  const [first, second] = [view(), view()];
  await vi.advanceTimersByTimeAsync(6_000);
  expect(first.model.sent.length + second.model.sent.length).toBe(2);
});

it("has another view ask at once where the first cannot", () => {
  const dead = new FakeModel();
  dead.failure = new Error("Cannot send");
  void loader.render({ model: dead, el: document.createElement("div") });
  expect(view().model.sent).toEqual([{ frontend: "under test" }]);
});
