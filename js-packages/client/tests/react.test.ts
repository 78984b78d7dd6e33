// @vitest-environment jsdom
/** The client in React, as docs/how-to/react.md says: an external store, and nothing in between. */

import {
  act,
  createElement as element,
  memo,
  type ReactNode,
  StrictMode,
  useSyncExternalStore,
} from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, type MockInstance, vi } from "vitest";
import { Client } from "../src/client.js";
import type { Value } from "../src/values.js";
import { type FakeSocket, fakeSockets, RESET, snapshot } from "./fakeSocket.js";

type Task = { readonly title: string; readonly done: boolean };
type Board = { readonly name: string; readonly tasks: readonly Task[] };

const BOARD: Board = {
  name: "Today",
  tasks: [
    { title: "write", done: false },
    { title: "read", done: false },
  ],
};

let made: FakeSocket[];
let client: Client;
let page: HTMLElement;
let root: Root;
let complaints: MockInstance;
/** The titles of the tasks that were rendered, in order. */
let rendered: string[];

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  // React says there that a snapshot is not stable, and whatever else it finds wrong.
  complaints = vi.spyOn(console, "error");
  const sockets = fakeSockets();
  made = sockets.made;
  client = new Client("json", { WebSocket: sockets.WebSocket, random: () => 0 });
  page = document.createElement("main");
  root = createRoot(page);
  rendered = [];
});

afterEach(async () => {
  await act(() => root.unmount());
  client.stop();
  expect(complaints).not.toHaveBeenCalled();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const onChange = (callback: () => void) => client.onChange(callback);
const onStatus = (callback: () => void) => client.onStatus(callback);

const Row = memo(({ task }: { task: Task }): ReactNode => {
  rendered.push(task.title);
  return element("li", null, `${task.title}: ${task.done ? "done" : "open"}`);
});

function BoardView(): ReactNode {
  const status = useSyncExternalStore(onStatus, () => client.status);
  const ids = useSyncExternalStore(onChange, () => client.ids());
  const board = useSyncExternalStore(onChange, () => client.value(1) as Board | undefined);
  const rows = board?.tasks.map((task, key) => element(Row, { task, key }));
  return element("section", { "aria-label": status }, `${ids.length} ${board?.name}`, rows);
}

/** Tell what the page shows: the status, and the text. */
function shown(): [status: string | null | undefined, text: string | null] {
  return [page.querySelector("section")?.getAttribute("aria-label"), page.textContent];
}

function replace(base: number, path: string, value: Value): Value {
  return { t: "patch", id: 1, base, rev: base + 1, ops: [{ op: "replace", path, value }] };
}

it("[failure.39] renders what the mirror and the connection come to, and only the parts that changed", async () => {
  await act(() => root.render(element(StrictMode, null, element(BoardView))));
  expect(shown()).toEqual(["closed", "0 undefined"]);
  await act(() => void client.run("ws://host/ws"));
  expect(shown()).toEqual(["connecting", "0 undefined"]);
  await act(() => made[0]?.open(RESET, snapshot(1, 3, BOARD)));
  expect(shown()).toEqual(["open", "1 Todaywrite: openread: open"]);

  rendered = [];
  await act(() => made[0]?.receive(replace(3, "/tasks/1/done", true)));
  expect(shown()).toEqual(["open", "1 Todaywrite: openread: done"]);
  expect(new Set(rendered)).toEqual(new Set(["read"]));

  rendered = [];
  await act(() => made[0]?.end(1012));
  expect(shown()).toEqual(["waiting", "1 Todaywrite: openread: done"]);
  await act(() => vi.advanceTimersByTime(0));
  expect(shown()).toEqual(["connecting", "1 Todaywrite: openread: done"]);
  await act(() => made[1]?.open(replace(4, "/name", "Tomorrow"), snapshot(2, 6, null)));
  expect(shown()).toEqual(["open", "2 Tomorrowwrite: openread: done"]);
  expect(rendered).toEqual([]);
  await act(() => client.stop());
  expect(shown()[0]).toBe("closed");
});

it("[failure.39] renders nothing any more once it is unmounted", async () => {
  const { onChange, onStatus } = client;
  const open = { change: 0, status: 0 };
  client.onChange = (callback) => {
    const end = onChange.call(client, callback);
    open.change += 1;
    return () => {
      open.change -= 1;
      end();
    };
  };
  client.onStatus = (callback) => {
    const end = onStatus.call(client, callback);
    open.status += 1;
    return () => {
      open.status -= 1;
      end();
    };
  };
  await act(() => root.render(element(StrictMode, null, element(BoardView))));
  // Strict mode has subscribed twice, and ended the first.
  expect(open).toEqual({ change: 2, status: 1 });
  await act(() => root.unmount());
  expect(open).toEqual({ change: 0, status: 0 });
  client.connect("ws://host/ws");
  made[0]?.open(RESET, snapshot(1, 3, BOARD));
  expect(rendered).toEqual([]);
});

it("[failure.39] shows the same value until it changes, and then what did not is the same", () => {
  client.connect("ws://host/ws");
  made[0]?.open(RESET, snapshot(1, 3, BOARD), snapshot(2, 4, { a: 0 }));
  const [ids, board] = [client.ids(), client.value(1) as Board];
  const before = structuredClone(board);
  made[0]?.receive({ t: "ping" });
  made[0]?.receive({ t: "patch", id: 2, base: 4, rev: 5, ops: [{ op: "remove", path: "/a" }] });
  made[0]?.receive({ t: "patch", id: 1, base: 3, rev: 6, ops: [] });
  expect([client.ids(), client.value(1)].map((it, at) => it === [ids, board][at])).toEqual([
    true,
    true,
  ]);
  made[0]?.receive(replace(6, "/tasks/1/done", true));
  const after = client.value(1) as Board;
  expect(client.value(1)).toBe(after);
  expect([after !== board, after.tasks !== board.tasks]).toEqual([true, true]);
  expect([after.tasks[0] === board.tasks[0], after.tasks[1] === board.tasks[1]]).toEqual([
    true,
    false,
  ]);
  expect(client.ids()).toBe(ids);
  expect(board).toEqual(before);
});
