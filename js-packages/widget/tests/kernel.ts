/** A kernel that hosts one model, and the widget through which it is seen; all of it the test's. */

import type { Kernel, Model } from "../src/host.js";

type Message = Record<string, unknown>;
type Listener = (content: unknown) => void;

/** A widget's model, with the other end in the test's hands. */
export class FakeModel implements Model {
  /** What was sent to the kernel. */
  readonly sent: Message[] = [];
  /** What sending does instead, if it fails. */
  failure: Error | undefined;
  #told: unknown;
  #number = 0;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #statuses = new Set<(kernel: unknown, status: string) => void>();
  readonly widget_manager: { readonly kernel: Kernel } = {
    kernel: {
      statusChanged: {
        connect: (listener) => this.#statuses.add(listener),
        disconnect: (listener) => this.#statuses.delete(listener),
      },
    },
  };

  send(content: Message): void {
    if (this.failure) throw this.failure;
    this.sent.push(content);
  }

  on(event: string, listener: Listener): void {
    this.#of(event).add(listener);
  }

  off(event: string, listener: Listener): void {
    this.#of(event).delete(listener);
  }

  /** How many listeners there are, to messages and to the kernel's status. */
  get listeners(): number {
    const counts = [...this.#listeners.values()].map(({ size }) => size);
    return counts.reduce((sum, size) => sum + size, this.#statuses.size);
  }

  /** Say something from the kernel. */
  say(content: Message): void {
    this.emit("msg:custom", content);
  }

  emit(event: string, content?: unknown): void {
    for (const listener of [...this.#of(event)]) listener(content);
  }

  become(status: string): void {
    for (const listener of [...this.#statuses]) listener(undefined, status);
  }

  #of(event: string): Set<Listener> {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    return listeners;
  }

  /** The name under which the view is known that last said it was ready. */
  get view(): unknown {
    return this.sent.filter(({ ready }) => ready).at(-1)?.["view"];
  }

  /** Give the number of the next frame to that view. */
  next(): number {
    if (this.#told !== this.view) this.#number = 0;
    this.#told = this.view;
    this.#number += 1;
    return this.#number;
  }

  /** Send a frame to that view. */
  tell(...messages: Message[]): void {
    this.say({ view: this.view, wire: JSON.stringify(messages), number: this.next() });
  }

  /** Greet that view, and show it models; the first is number 1. */
  show(...values: unknown[]): void {
    const snapshots = values.map((value, at) => snapshot(at + 1, value));
    this.tell({ t: "hello", v: 1, conn: "c", heartbeat: 0 }, { t: "reset" }, ...snapshots);
  }

  /** The proposals that were sent. */
  get proposals(): Message[] {
    return this.sent
      .filter(({ wire }) => wire !== undefined)
      .map(({ wire }) => JSON.parse(String(wire)));
  }
}

/** Make the message that shows a model. */
export function snapshot(id: number, value: unknown, more: Message = {}): Message {
  return { t: "snapshot", id, type: "Room", epoch: "e", rev: 1, access: "write", value, ...more };
}

/** Let everything that is due happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
