/**
 * The client: a mirror, edits of what it shows, and ways to learn of changes.
 *
 * `recv` and `edit` do no I/O: whoever has a transport of their own gives frames to the one and sends
 * those of the other. `connect`, `connectSSE` and `run` do just that over what the platform has.
 */

import type { Frame } from "./codecs.js";
import { createDialer, type Dialer } from "./dialer.js";
import type { EditRejected, TransportsError } from "./errors.js";
import { listen } from "./listeners.js";
import type { Access } from "./messages.js";
import type { Operation } from "./operation.js";
import type { Accepted } from "./pending.js";
import { type MirrorChange, Replica } from "./replica.js";
import type { PlatformSocket, PlatformStream, SocketClass, StreamClass } from "./socket.js";
import type { Status } from "./status.js";
import type { Value } from "./values.js";

/** What a client can be told beside its codec. */
export interface ClientOptions {
  /** `"rfc6902"` to be sent standard JSON Patch operations alone; the extensions cost less. */
  readonly ops?: "rfc6902" | undefined;
  /** What makes WebSockets, where the platform does not: the class of the package `ws`, in Node. */
  readonly WebSocket?: SocketClass | undefined;
  /** What makes streams of events, where the platform does not or should not. */
  readonly EventSource?: StreamClass | undefined;
  /** Draws from 0 (included) to 1 (excluded); `Math.random` unless given. */
  readonly random?: (() => number) | undefined;
}

/** Mirrors the models of a server, and proposes edits of them. */
export class Client {
  readonly #replica: Replica;
  readonly #dialer: Dialer;

  /**
   * @param codec how frames are written: `json`, `msgpack` (once `init` has loaded it), or what
   *   `registerCodec` was given.
   * @throws UnknownCodecError if there is no such codec, or it is not loaded.
   */
  constructor(codec = "json", options: ClientOptions = {}) {
    this.#replica = new Replica(codec, options.ops);
    this.#dialer = createDialer(this.#replica, options);
  }

  /** The name of the codec. */
  get codec(): string {
    return this.#replica.codec.name;
  }

  /** Where to resume from, as text; `null` if there is nothing to build upon. */
  get cursor(): string | null {
    return this.#replica.cursor;
  }

  /** What the client is doing. */
  get status(): Status {
    return this.#dialer.status();
  }

  /** List the ids of the models, lowest first: the same array again until models come or go. */
  ids(): readonly number[] {
    return this.#replica.mirror.ids;
  }

  /**
   * Show a model's value; `undefined` if there is no such model.
   *
   * What was shown never changes, and is not to be changed: `fromValue` makes a copy for that. It is
   * the same value again until the model changes, and then the parts that did not are the same.
   */
  value(id: number): Value | undefined {
    return this.#replica.mirror.copy(id)?.document.value;
  }

  /** Tell the name of a model's class; `undefined` if there is no such model. */
  type(id: number): string | undefined {
    return this.#replica.mirror.copy(id)?.type;
  }

  /** Tell what may be done with a model; `undefined` if there is no such model. */
  access(id: number): Access | undefined {
    return this.#replica.mirror.copy(id)?.access;
  }

  /**
   * Have a function called once after each frame that changed something.
   *
   * @returns a function that ends it.
   */
  onChange(callback: (change: MirrorChange) => void): () => void {
    return listen(this.#replica.changes, callback);
  }

  /**
   * Have a function called for each edit of this client that the server refuses.
   *
   * @returns a function that ends it.
   */
  onReject(callback: (rejection: EditRejected) => void): () => void {
    return listen(this.#replica.rejections, callback);
  }

  /**
   * Have a function called whenever the status changes.
   *
   * It is also given why, if a connection ended: a `RefusedError` if it is no use to try again.
   *
   * @returns a function that ends it.
   */
  onStatus(callback: (status: Status, problem: TransportsError | undefined) => void): () => void {
    return listen(this.#dialer.statuses, callback);
  }

  /**
   * Take in a frame from the server.
   *
   * @returns a frame to send back, if there is one: the mirror missed something.
   */
  recv(frame: string | ArrayBuffer | ArrayBufferView): Frame | undefined {
    return this.#replica.receive(frame).problem ? this.#replica.resync() : undefined;
  }

  /**
   * Make the frame that proposes an edit. Nothing changes here until the server says so.
   *
   * @param id the model.
   * @param value what the model's value is to be. What is proposed is how it differs from what the
   *   mirror shows.
   * @throws UnknownModelError if there is no such model.
   * @throws UnrepresentableError if it is no value.
   */
  edit(id: number, value: Value): Frame {
    return this.#replica.edit(id, value).frame;
  }

  /**
   * Make the frame that proposes an edit, said in operations on what the mirror shows.
   *
   * @param id the model.
   * @param ops the operations. `test` makes an edit that holds only if.
   * @throws UnknownModelError if there is no such model.
   * @throws UnrepresentableError if what an operation brings is no value.
   */
  editOps(id: number, ops: readonly Operation[]): Frame {
    return this.#replica.editOps(id, ops).frame;
  }

  /**
   * Connect, and mirror until the connection closes.
   *
   * Mirrors of an earlier connection are resumed. When it ends, every `propose` that was not answered
   * fails with `EditUnknown`. A client has one connection at a time: `stop` comes before another one.
   *
   * @returns the WebSocket. Whenever one of its other listeners is told of a message, the mirror is
   *   up to date with it.
   * @throws LocalProtocolError if this client is connected already, or there is no WebSocket here.
   */
  connect(url: string): PlatformSocket {
    return this.#dialer.begin({ url }) as PlatformSocket;
  }

  /**
   * Open a stream of server-sent events, and mirror until `stop`.
   *
   * A stream receives, in JSON: to propose or to send over it is a `LocalProtocolError`, with the code
   * `receive_only`. The browser comes back by itself when the line was cut, and resumes. Where it
   * cannot (the answer was an error page, or something was missed), another stream is opened.
   *
   * @returns the first `EventSource`. Whenever one of its other listeners is told of a message, the
   *   mirror is up to date with it.
   * @throws LocalProtocolError if this client is connected already, or there is no EventSource here.
   */
  connectSSE(url: string): PlatformStream {
    return this.#dialer.begin({ url, isStream: true, resolve() {} }) as PlatformStream;
  }

  /**
   * Mirror for ever: connect again whenever the connection is lost or cannot be made.
   *
   * In the meantime the mirror stays readable, `status` says how it is, and what `propose` sent is
   * sent again.
   *
   * @param url where to: a stream of server-sent events if it begins with `http:` or `https:`, and a
   *   WebSocket otherwise.
   * @returns when `stop` is called.
   * @throws RefusedError if the server refuses the connection for good.
   * @throws LocalProtocolError as `connect` does.
   */
  run(url: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#dialer.begin({ url, isStream: /^https?:/.test(url), resolve, reject });
    });
  }

  /**
   * Close the connection, and do not connect again. Nothing is applied from now on.
   *
   * The status is `closed` at once. Does nothing when there is none. `connect` and `run` may be called
   * again, and resume.
   */
  stop(): void {
    this.#dialer.stop();
  }

  /**
   * Send a frame that `edit` or `editOps` made, over the connection of `connect` or `run`.
   *
   * @throws ConnectionClosedError if there is none that is open.
   */
  send(frame: Frame): void {
    this.#dialer.send(frame);
  }

  /**
   * Propose an edit, and wait for its outcome.
   *
   * It is sent over the connection of `connect` or `run`, now or as soon as there is one again.
   *
   * @param value as for `edit`.
   * @returns the model's revision with the edit. The mirror is at that revision or beyond.
   * @throws EditRejected if the model's owner refuses it: `code` and `details` say why.
   * @throws EditUnknown if it cannot be known what became of it: the server lost its memory, or the
   *   connection was given up.
   * @throws UnknownModelError if there is no such model.
   * @throws UnrepresentableError if it is no value.
   */
  async propose(id: number, value: Value): Promise<Accepted> {
    return this.#dialer.propose(this.#replica.edit(id, value));
  }

  /**
   * Propose an edit that is said in operations, and wait for its outcome, as of `propose`.
   *
   * @param ops as for `editOps`.
   * @returns as `propose` does.
   * @throws as `propose` does.
   */
  async proposeOps(id: number, ops: readonly Operation[]): Promise<Accepted> {
    return this.#dialer.propose(this.#replica.editOps(id, ops));
  }
}
