/**
 * Shows every model that a kernel hosts, and lets one edit them, in the output of a notebook's cell.
 *
 * @module
 */

import { Client, RefusedError, type Status } from "@1kbgz/transports";
import type { View } from "./host.js";
import { socketClass } from "./kernelSocket.js";
import { ModelTree } from "./modelTree.js";
import { feelPulse } from "./pulse.js";
import { STYLE } from "./style.js";

/** What is said of each status of the client. */
const WORDS: Record<Status, string> = {
  closed: "disconnected",
  connecting: "connecting…",
  open: "live",
  waiting: "disconnected",
};

/** Render a view. */
export function render(view: View): () => void {
  const root = document.createElement("div");
  root.className = "transports";
  const style = document.createElement("style");
  style.textContent = STYLE;
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  const models = document.createElement("div");
  root.append(style, status, models);
  view.el.append(root);

  const pulse = feelPulse(view);
  const client = new Client("json", { WebSocket: socketClass(view.model, pulse) });
  const trees = new Map<number, ModelTree>();
  let refusal = "";
  const say = () => {
    root.dataset["status"] = client.status;
    const isEmpty = client.status === "open" && client.cursor !== null && trees.size === 0;
    status.textContent = isEmpty ? "live: nothing is hosted" : WORDS[client.status] + refusal;
  };
  client.onStatus((_, problem) => {
    refusal = problem instanceof RefusedError ? `: ${problem.reason}` : "";
    say();
  });
  client.onChange(({ changed, removed }) => {
    for (const id of removed) {
      trees.get(id)?.element.remove();
      trees.delete(id);
    }
    for (const id of changed) {
      const tree = trees.get(id) ?? new ModelTree(client, id);
      trees.set(id, tree);
      tree.show();
    }
    // In the order of their ids; those that stay in place are not touched, so that focus stays.
    client.ids().forEach((id, at) => {
      const element = trees.get(id)?.element;
      const there = models.children[at];
      if (element && there !== element) models.insertBefore(element, there ?? null);
    });
    say();
  });

  const start = () => {
    // A refusal is told by `onStatus`, too.
    client.run("comm:view").catch(() => {});
  };
  const leave = ({ persisted }: PageTransitionEvent) => {
    if (!persisted) client.stop();
  };
  window.addEventListener("pagehide", leave);
  start();
  say();
  return () => {
    window.removeEventListener("pagehide", leave);
    client.stop();
    pulse.end();
    root.remove();
  };
}
