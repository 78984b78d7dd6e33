import { beforeEach, expect, it } from "vitest";
import { render } from "../src/frontend.js";
import { FakeModel, settle, snapshot } from "./kernel.js";

const ROOM = {
  speed: 3,
  on: false,
  label: "main",
  notes: "one\ntwo",
  nothing: null,
  large: 9007199254740993n,
  marks: [1, 2],
  names: ["a"],
  place: { x: 0.5, "a/b~c": 1 },
};
const WIRE = { ...ROOM, large: 1 };

let model: FakeModel;
let el: HTMLElement;
let end: () => void;

beforeEach(async () => {
  model = new FakeModel();
  el = document.createElement("div");
  document.body.replaceChildren(el);
  end = render({ model, el });
  await settle();
  return () => end();
});

function field(path: string): HTMLInputElement {
  const found = el.querySelector<HTMLInputElement>(`[aria-label="${path}"]`);
  if (!found) throw new Error(`nothing shows ${path}`);
  return found;
}

function enter(path: string, text: string): void {
  const input = field(path);
  input.value = text;
  input.dispatchEvent(new Event("input"));
  input.dispatchEvent(new Event("change"));
}

function patch(base: number, ...ops: unknown[]): void {
  model.tell({ t: "patch", id: 1, base, rev: base + 1, ops });
}

const status = () => el.querySelector("[role=status]")?.textContent;
const ops = () => model.proposals.at(-1)?.["ops"];

it("[jupyter.widget] says how it is", () => {
  expect(status()).toBe("connecting…");
  model.tell({ t: "hello", v: 1, conn: "c", heartbeat: 0 }, { t: "reset" }, snapshot(1, { a: 1 }));
  expect(status()).toBe("live");
  model.tell({ t: "remove", id: 1, epoch: "e", rev: 2 });
  expect(status()).toBe("live: nothing is hosted");
  model.become("dead");
  expect(status()).toBe("disconnected");
});

it("says why it was refused", () => {
  model.say({ view: model.view, close: { code: 4403, reason: "not you" } });
  expect(status()).toBe("disconnected: not you");
});

it("[jupyter.widget] shows each kind of value in what fits it", () => {
  model.show(WIRE);
  expect([field("/speed").type, field("/speed").value]).toEqual(["number", "3"]);
  expect([field("/on").type, field("/on").checked]).toEqual(["checkbox", false]);
  expect([field("/label").type, field("/label").value]).toEqual(["text", "main"]);
  expect([field("/notes").tagName, field("/notes").value]).toEqual(["TEXTAREA", "one\ntwo"]);
  expect([field("/nothing").placeholder, field("/nothing").value]).toEqual(["null", ""]);
  expect(field("/marks/1").value).toBe("2");
  expect(field("/place/a~1b~0c").value).toBe("1");
});

it("shows integers exactly, and keeps them so", () => {
  const text = JSON.stringify(snapshot(1, { large: 0 })).replace(
    '"large":0',
    '"large":9007199254740993',
  );
  model.tell({ t: "hello", v: 1, conn: "c", heartbeat: 0 });
  model.say({ view: model.view, wire: `[{"t":"reset"},${text}]`, number: model.next() });
  expect(field("/large").value).toBe("9007199254740993");
  enter("/large", "9007199254740995");
  expect(String(model.sent.at(-1)?.["wire"])).toContain("9007199254740995");
});

it("[jupyter.widget] proposes what is entered, and shows what the model says", async () => {
  model.show(WIRE);
  enter("/speed", "5");
  expect(ops()).toEqual([{ op: "replace", path: "/speed", value: 5 }]);
  const [{ proposal } = {}] = model.proposals;
  model.tell(
    { t: "patch", id: 1, base: 1, rev: 2, ops: [{ op: "replace", path: "/speed", value: 4 }] },
    { t: "ack", id: 1, rev: 2, proposals: [proposal] },
  );
  await settle();
  expect(field("/speed").value).toBe("4");
});

it("proposes switches, texts, and what takes the place of nothing", () => {
  model.show(WIRE);
  field("/on").checked = true;
  field("/on").dispatchEvent(new Event("change"));
  expect(ops()).toEqual([{ op: "replace", path: "/on", value: true }]);
  enter("/label", "3");
  expect(ops()).toEqual([{ op: "replace", path: "/label", value: "3" }]);
  enter("/nothing", "3");
  expect(ops()).toEqual([{ op: "replace", path: "/nothing", value: 3 }]);
});

it("[jupyter.widget] shows a refusal in the model's words where it was entered", async () => {
  model.show(WIRE);
  enter("/speed", "99");
  const [{ proposal } = {}] = model.proposals;
  model.tell({
    t: "reject",
    id: 1,
    rev: 1,
    proposal,
    error: { code: "invalid", message: "too fast", details: [] },
  });
  await settle();
  expect(el.textContent).toContain("too fast");
  expect(field("/speed").getAttribute("aria-invalid")).toBe("true");
  expect(field("/speed").value).toBe("3");
  patch(1, { op: "replace", path: "/speed", value: 4 });
  expect(el.textContent).not.toContain("too fast");
  expect(field("/speed").value).toBe("4");
});

it("[jupyter.widget] leaves what is entered while an earlier entry is answered", async () => {
  model.show(WIRE);
  enter("/speed", "5");
  const input = field("/speed");
  input.value = "11";
  input.dispatchEvent(new Event("input"));
  const [{ proposal } = {}] = model.proposals;
  model.tell(
    { t: "patch", id: 1, base: 1, rev: 2, ops: [{ op: "replace", path: "/speed", value: 5 }] },
    { t: "ack", id: 1, rev: 2, proposals: [proposal] },
  );
  await settle();
  expect(input.value).toBe("11");
  input.dispatchEvent(new Event("change"));
  expect(ops()).toEqual([{ op: "replace", path: "/speed", value: 11 }]);

  enter("add to /names", "b");
  field("add to /names").value = "c";
  const { proposal: added } = model.proposals.at(-1) ?? {};
  model.tell({ t: "ack", id: 1, rev: 2, proposals: [added] });
  await settle();
  expect(field("add to /names").value).toBe("c");
});

it("refuses by itself what is no number", () => {
  model.show({ large: 1 });
  const input = field("/large");
  input.type = "text";
  enter("/large", "many");
  expect(model.proposals).toEqual([]);
  expect(input.getAttribute("aria-invalid")).toBe("true");
});

it("leaves alone what is being entered, until it is given up", () => {
  model.show(WIRE);
  const input = field("/label");
  input.value = "half";
  input.dispatchEvent(new Event("input"));
  patch(1, { op: "replace", path: "/label", value: "new" });
  expect(input.value).toBe("half");
  input.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
  expect(input.value).toBe("new");
});

it("changes what changed, and nothing else of the page", () => {
  model.show(WIRE);
  const [speed, mark] = [field("/speed"), field("/marks/0")];
  patch(1, { op: "replace", path: "/speed", value: 4 }, { op: "add", path: "/marks/-", value: 3 });
  expect(field("/speed")).toBe(speed);
  expect(field("/marks/0")).toBe(mark);
  expect(field("/marks/2").value).toBe("3");
  patch(2, { op: "remove", path: "/marks/0" }, { op: "remove", path: "/place" });
  expect(el.querySelector('[aria-label="/marks/2"]')).toBeNull();
  expect(el.querySelector('[aria-label="/place/x"]')).toBeNull();
  patch(3, { op: "replace", path: "/label", value: ["now", "a list"] });
  expect(field("/label/1").value).toBe("a list");
});

it("adds items and takes them away", () => {
  model.show(WIRE);
  enter("add to /marks", "7");
  expect(ops()).toEqual([{ op: "add", path: "/marks/-", value: 7 }]);
  enter("add to /names", "7");
  expect(ops()).toEqual([{ op: "add", path: "/names/-", value: "7" }]);
  el.querySelector<HTMLElement>('[title="Remove"]')?.click();
  expect(ops()).toEqual([{ op: "remove", path: "/marks/0" }]);
});

it("lets nothing be entered where nothing may be", () => {
  model.tell({ t: "hello", v: 1, conn: "c", heartbeat: 0 }, { t: "reset" });
  model.tell(snapshot(1, WIRE, { access: "read" }));
  expect(el.querySelector("fieldset")?.disabled).toBe(true);
  model.tell(snapshot(1, WIRE, { access: "write" }));
  expect(el.querySelector("fieldset")?.disabled).toBe(false);
});

it("shows models in the order of their ids, as they come and go", () => {
  model.show({ a: 1 }, { a: 2 });
  model.tell({ t: "remove", id: 1, epoch: "e", rev: 3 }, snapshot(3, { a: 3 }, { rev: 4 }));
  const order = [...el.querySelectorAll<HTMLElement>("section")].map((it) => it.dataset["model"]);
  expect(order).toEqual(["2", "3"]);
});

it("shows a long list in parts", () => {
  model.show({ many: Array.from({ length: 250 }, (_, n) => n) });
  const details = el.querySelectorAll("details")[1];
  if (!details) throw new Error("no list");
  expect(details.open).toBe(false);
  details.open = true;
  details.dispatchEvent(new Event("toggle"));
  expect(el.querySelectorAll('[aria-label^="/many/"]').length).toBe(100);
  details.querySelector<HTMLElement>(":scope > button")?.click();
  expect(el.querySelectorAll('[aria-label^="/many/"]').length).toBe(200);
});

it("[failure.33] leaves nothing behind", () => {
  model.show(WIRE);
  end();
  expect(model.sent.at(-1)).toMatchObject({ gone: true });
  expect(model.listeners).toBe(0);
  expect(el.childElementCount).toBe(0);
});

it("[failure.33] says that it is gone when its page goes", () => {
  model.show(WIRE);
  window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: false }));
  expect(model.sent.at(-1)).toMatchObject({ gone: true });
});
