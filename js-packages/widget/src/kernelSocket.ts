/** A connection over the custom messages of a widget, as a client's socket. */

import type { Socket, SocketClass } from "@1kbgz/transports";
import { type Model, members } from "./host.js";
import type { Pulse } from "./pulse.js";

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;
/** The close code of a connection that ended without one. */
const ABNORMAL = 1006;

/** What is said between a view and its kernel. */
type Message = Readonly<Record<string, unknown>>;

/** What a socket tells its client. */
interface Events {
  message: (event: { readonly data: unknown }) => void;
  close: (event: { readonly code: number; readonly reason: string }) => void;
  open: () => void;
  error: () => void;
}

/** Make a name that no other view has. */
function newName(): string {
  return crypto.getRandomValues(new Uint32Array(3)).join("-");
}

/**
 * Make what connects a client to the kernel behind a widget.
 *
 * Each connection is a view in the words of `transports_jupyter/anywidget.py`, which see.
 */
export function socketClass(model: Model, pulse: Pulse): SocketClass {
  return class KernelSocket implements Socket {
    binaryType = "arraybuffer";
    readyState: number = CONNECTING;
    readonly #name = newName();
    readonly #listeners: { [T in keyof Events]?: Events[T] } = {};
    readonly #hear = (content: unknown) => this.#take(members(content));
    readonly #endOfPulse: () => void;
    /** The number of the last frame that was heard. */
    #heard = 0;

    constructor(url: string) {
      const asked = Object.fromEntries(new URL(url).searchParams);
      model.on("msg:custom", this.#hear);
      this.#endOfPulse = pulse.onStop(() => this.#end(ABNORMAL, "the kernel is gone"));
      queueMicrotask(() => {
        if (this.readyState !== CONNECTING) return;
        this.readyState = OPEN;
        if (pulse.isBeating()) this.#say({ ready: true, ...asked });
        else this.#end(ABNORMAL, "the kernel is gone");
      });
    }

    // A client listens once to each kind of event.
    addEventListener<T extends keyof Events>(type: T, listener: Events[T]): void {
      Object.assign(this.#listeners, { [type]: listener });
    }

    send(frame: string | Uint8Array<ArrayBuffer>): void {
      this.#say({ wire: frame });
    }

    close(): void {
      if (this.readyState === OPEN && pulse.isBeating()) this.#say({ gone: true });
      this.#leave();
    }

    #say(content: Message): void {
      try {
        model.send({ ...content, view: this.#name });
      } catch {
        // Jupyter's own: the comm, or its kernel, is no more.
        queueMicrotask(() => this.#end(ABNORMAL, "the kernel is gone"));
      }
    }

    #take(message: Message): void {
      if (message["view"] === undefined) this.#takeFromRoom(message);
      if (message["view"] === this.#name) this.#takeOwn(message);
    }

    /** Take in what is for all views. */
    #takeFromRoom({ roll, numbers }: Message): void {
      if (typeof roll === "number") this.#say({ here: roll });
      // None is told to a view that the kernel does not know.
      if (numbers && members(numbers)[this.#name] !== this.#heard) this.#miss();
    }

    #takeOwn({ wire, number, lost, close }: Message): void {
      if (wire !== undefined) {
        this.#heard += 1;
        if (number === this.#heard) this.#listeners.message?.({ data: wire });
        else this.#miss();
      } else if (lost) this.#end(ABNORMAL, "the kernel does not know this view");
      else if (close) {
        const { code, reason } = members(close);
        this.#end(Number(code), String(reason));
      }
    }

    /** Begin anew, where this was: something between here and the kernel drops messages. */
    #miss(): void {
      this.#say({ gone: true });
      this.#end(ABNORMAL, "frames were lost on the way from the kernel");
    }

    #end(code: number, reason: string): void {
      if (this.readyState === CLOSED) return;
      this.#leave();
      this.#listeners.close?.({ code, reason });
    }

    #leave(): void {
      this.readyState = CLOSED;
      model.off("msg:custom", this.#hear);
      this.#endOfPulse();
    }
  };
}
