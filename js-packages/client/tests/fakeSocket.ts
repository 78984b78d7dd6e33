/** A WebSocket whose other end is the test. */

import { stringify } from "../src/json.js";
import type { Socket, SocketClass } from "../src/socket.js";
import type { Value } from "../src/values.js";

type Listener = (event: never) => void;

/** One connection, as the test sees it. */
export class FakeSocket implements Socket {
  binaryType = "blob";
  readyState = 0;
  /** What the client sent, decoded. */
  readonly sent: Record<string, unknown>[] = [];
  readonly url: URL;
  readonly #listeners: [type: string, listener: Listener][] = [];

  constructor(url: string) {
    this.url = new URL(url);
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.push([type, listener]);
  }

  send(frame: string | Uint8Array): void {
    if (this.readyState === 0) throw new Error("not open yet");
    this.sent.push(JSON.parse(String(frame)));
  }

  /** The client closes; the other end, as one that is gone, says nothing to that. */
  close(): void {
    this.readyState = 2;
  }

  /** The connection is made, and the server greets. */
  open(...more: readonly Value[]): void {
    this.readyState = 1;
    this.receive(HELLO, ...more);
  }

  /** One frame arrives. */
  receive(...messages: readonly Value[]): void {
    this.#tell("message", { data: stringify(messages) });
  }

  /** What is no frame arrives. */
  receiveRaw(data: unknown): void {
    this.#tell("message", { data });
  }

  /** The connection ends: with an error, if nobody says why. */
  end(code = 1006, reason = ""): void {
    this.readyState = 3;
    if (code === 1006) this.#tell("error", {});
    this.#tell("close", { code, reason });
  }

  #tell(type: string, event: object): void {
    for (const [of, listener] of this.#listeners) if (of === type) listener(event as never);
  }
}

export const HEARTBEAT = 15;
export const HELLO: Value = { t: "hello", v: 1, conn: "c", heartbeat: HEARTBEAT };
export const RESET: Value = { t: "reset" };

export function snapshot(id: number, rev: number, value: Value, epoch = "e"): Value {
  return { t: "snapshot", id, type: "Box", epoch, rev, value, access: "write" };
}

export function patch(id: number, base: number, rev: number, value: Value): Value {
  return { t: "patch", id, base, rev, ops: [{ op: "replace", path: "/a", value }] };
}

/** Give a class of sockets, and the list of those that were made. */
export function fakeSockets(): { readonly made: FakeSocket[]; readonly WebSocket: SocketClass } {
  const made: FakeSocket[] = [];
  class WebSocket extends FakeSocket {
    constructor(url: string) {
      super(url);
      made.push(this);
    }
  }
  return { made, WebSocket };
}
