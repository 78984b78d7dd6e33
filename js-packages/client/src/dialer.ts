/** The connection of a client: makes one, or one after another for ever. */

import { backoffMs } from "./backoff.js";
import type { Frame } from "./codecs.js";
import {
  ConnectionClosedError,
  LocalProtocolError,
  RefusedError,
  type TransportsError,
} from "./errors.js";
import { type Listeners, tell } from "./listeners.js";
import { type Accepted, giveUp, type Proposed, propose, sendAgain, sendUnsent } from "./pending.js";
import type { Replica } from "./replica.js";
import {
  type Ending,
  OPEN,
  type Socket,
  type SocketClass,
  type Stream,
  type StreamClass,
  withQuery,
} from "./socket.js";
import type { Status } from "./status.js";
import { createWatchdog } from "./watchdog.js";

/**
 * Say why there is no connection: because it is refused for good, or for now.
 *
 * @param code the close code; there may be none.
 */
function closed(code = 1006, reason = ""): ConnectionClosedError {
  const Problem = code >= 4400 && code <= 4406 ? RefusedError : ConnectionClosedError;
  return new Problem(`${code} ${reason}`, { code, reason });
}

/** What a client was told to do. */
export interface Call {
  /** Where to connect. */
  readonly url: string;
  /** Whether to a stream of events, and not to a WebSocket. */
  readonly isStream?: boolean;
  /** Called when `stop` ends it; there is just one connection where it is absent. */
  readonly resolve?: () => void;
  /** Called when it is refused for good. */
  readonly reject?: (problem: Error) => void;
}

/** What a client may be given in place of what the platform has. */
export interface Platform {
  /** What makes WebSockets. */
  readonly WebSocket?: SocketClass | undefined;
  /** What makes streams of events. */
  readonly EventSource?: StreamClass | undefined;
  /** Draws from 0 (included) to 1 (excluded). */
  readonly random?: (() => number) | undefined;
}

/** The connection of one client, if there is one. */
export interface Dialer {
  /** Told the status whenever it changes, and why, where a connection ended. */
  readonly statuses: Listeners<[Status, TransportsError | undefined]>;
  /** What the client is doing. */
  status(): Status;
  /** Connect: once, or again and again until `stop` or a refusal. Give the first connection. */
  begin(call: Call): Socket | Stream;
  /** Close the connection, and apply nothing that still arrives. */
  stop(): void;
  /** Send a frame over the connection that there is. */
  send(frame: Frame): void;
  /** Send a proposal as soon as that is possible, and wait for its outcome. */
  propose(proposed: Proposed): Promise<Accepted>;
}

/** Begin without a connection. */
export function createDialer(replica: Replica, platform: Platform): Dialer {
  const { proposals } = replica;
  const statuses: Dialer["statuses"] = new Set();
  let status: Status = "closed";
  let socket: Socket | Stream | undefined;
  // How many waits there were since a connection lasted.
  let attempt = 0;
  let dialedMs = 0;
  // Whether it is known which epochs are alive, and so which proposals may be sent.
  let isDecided = false;
  // What is under way.
  let call: Call | undefined;
  // The timer that connects again.
  let retry: ReturnType<typeof setTimeout> | undefined;

  const become = (now: Status, problem?: TransportsError) => {
    if (now === status) return;
    status = now;
    tell(statuses, now, problem);
  };

  const isOpen = () => socket?.readyState === OPEN;

  /** Refuse to send over a stream. */
  const checkSocket = () => {
    if (socket && !socket.send) throw new LocalProtocolError("receive_only");
  };

  const send = (frame: Frame) => {
    checkSocket();
    if (!isOpen()) throw closed();
    (socket as Socket).send(frame);
  };

  const sendProposals = () => {
    // What a socket that is about to close does not take goes over the next one.
    if (isDecided && isOpen()) sendUnsent(proposals, send);
  };

  /** Have no more to do with the socket. Whatever it still brings is not taken in. */
  const leave = () => {
    const left = socket;
    socket = undefined;
    isDecided = false;
    watchdog.expect(0);
    clearTimeout(retry);
    left?.close();
  };

  /** No connection will be made again. */
  const finish = (problem?: TransportsError) => {
    const ended = call;
    call = undefined;
    leave();
    giveUp(proposals, () => true);
    become("closed", problem);
    if (problem instanceof RefusedError) ended?.reject?.(problem);
    else ended?.resolve?.();
  };

  /** The connection has ended, whoever ended it. */
  const end = (code?: number, reason?: string) => {
    const problem = closed(code, reason);
    // One of the frames in flight was at fault.
    if (code === 1009 || code === 4400) giveUp(proposals, ({ sent }) => sent);
    if (!call?.resolve || problem instanceof RefusedError) return finish(problem);
    // A connection that lasted for 5 seconds was a good one.
    if (Date.now() - dialedMs >= 5_000) attempt = 0;
    leave();
    retry = setTimeout(dial, backoffMs(attempt++, platform.random), call);
    become("waiting", problem);
  };

  const watchdog = createWatchdog(end, isOpen);

  const take = (from: Socket | Stream, data: string | ArrayBuffer) => {
    const { messages, problem } = replica.receive(data);
    // A listener may have stopped the client.
    if (socket !== from) return;
    if (problem) {
      // What was proposed meanwhile would be sent again after the reset, and answered twice.
      isDecided = false;
      // Where it cannot be asked for, another connection without a cursor does the same. A stream, which
      // cannot send, throws too.
      try {
        (from as Socket).send(replica.resync());
      } catch {
        return end();
      }
    }
    const [first] = messages;
    if (first?.t === "hello") watchdog.expect(first.heartbeat * 2_000);
    else watchdog.heard();
    const epochs = replica.mirror.cursor;
    // The frame that greets also shows which epochs are alive, as one that resets does. Without a cursor
    // there is always a reset, which may come in a frame of its own.
    if (!messages.some(({ t }) => t === "reset" || (t === "hello" && epochs?.size))) return;
    become("open");
    if (socket !== from || !epochs) return;
    isDecided = true;
    // Earlier answers may have been missed.
    sendAgain(proposals);
    giveUp(proposals, ({ edit }) => !from.send || !epochs.has(edit.epoch));
    sendProposals();
  };

  /** Wait to be greeted: a connection may take half a minute to be made. */
  const wait = () => {
    watchdog.expect(30_000);
    become("connecting");
  };

  const dial = (made: Call) => {
    const { url, isStream } = made;
    const kind = isStream ? "EventSource" : "WebSocket";
    const Connection = platform[kind] ?? (globalThis as Platform)[kind];
    if (!Connection) throw new LocalProtocolError(`no ${kind}`);
    const address = withQuery(url, replica.begin());
    // Older browsers take no other scheme for a WebSocket.
    const connection = new Connection(isStream ? address : address.replace(/^http/, "ws"));
    connection.binaryType = "arraybuffer";
    // First of all listeners, so that the mirror is up to date when the page's own ones run.
    connection.addEventListener("message", ({ data }) => {
      if (connection === socket) take(connection, data as string | ArrayBuffer);
    });
    const over = ({ code, reason }: Ending) => {
      if (connection !== socket) return;
      if (connection.readyState > OPEN) end(code, reason);
      // A stream comes back by itself.
      else wait();
    };
    // After an error, a socket closes without a code of its own.
    connection.addEventListener("error", over);
    connection.addEventListener("close", over);
    call = made;
    socket = connection;
    dialedMs = Date.now();
    wait();
    return connection;
  };

  return {
    statuses,
    status: () => status,
    send,
    propose(proposed) {
      checkSocket();
      const outcome = propose(proposals, proposed);
      sendProposals();
      return outcome;
    },
    stop: finish,
    begin(call) {
      if (status !== "closed") throw new LocalProtocolError("connected");
      return dial(call);
    },
  };
}
