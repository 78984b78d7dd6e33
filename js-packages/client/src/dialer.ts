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
import { OPEN, type Socket, type SocketClass, withQuery } from "./socket.js";
import type { Status } from "./status.js";
import { createWatchdog } from "./watchdog.js";

/** The close code of a connection that ended without one. */
const ABNORMAL = 1006;
/** How long a connection may take to be made and greeted. */
const GREETING_MS = 30_000;
/** How long a connection must have lasted for the backoff to begin again. */
const STABLE_MS = 5_000;

/** Say why there is no connection: because it is refused for good, or for now. */
function closed(code: number, reason: string): ConnectionClosedError {
  const Problem = code >= 4400 && code <= 4406 ? RefusedError : ConnectionClosedError;
  return new Problem(`closed: ${code} ${reason}`, { code, reason });
}

/** A call of `run`. */
interface Run {
  readonly url: string;
  readonly resolve: () => void;
  readonly reject: (problem: Error) => void;
}

/** The connection of one client, if there is one. */
export interface Dialer {
  /** Told the status whenever it changes, and why, where a connection ended. */
  readonly statuses: Listeners<[Status, TransportsError | undefined]>;
  /** What the client is doing. */
  status(): Status;
  /** Make one connection. */
  connect(url: string): Socket;
  /** Make one connection after another, until `stop` or a refusal. */
  run(url: string): Promise<void>;
  /** Close the connection, and apply nothing that still arrives. */
  stop(): void;
  /** Send a frame over the connection that there is. */
  send(frame: Frame): void;
  /** Send a proposal as soon as that is possible, and wait for its outcome. */
  propose(proposed: Proposed): Promise<Accepted>;
}

/** Begin without a connection. */
export function createDialer(
  replica: Replica,
  random: () => number,
  WebSocket: SocketClass,
): Dialer {
  const { proposals } = replica;
  const statuses: Dialer["statuses"] = new Set();
  let status: Status = "closed";
  let socket: Socket | undefined;
  // How many waits there were since a connection lasted.
  let attempt = 0;
  let dialedMs = 0;
  // Whether it is known which epochs are alive, and so which proposals may be sent.
  let isDecided = false;
  // The call of `run` under way.
  let run: Run | undefined;
  // The timer that connects again.
  let retry: ReturnType<typeof setTimeout> | undefined;

  const become = (now: Status, problem?: TransportsError) => {
    if (now === status) return;
    status = now;
    tell(statuses, now, problem);
  };

  const send = (frame: Frame) => {
    if (socket?.readyState !== OPEN) throw closed(ABNORMAL, "not connected");
    socket.send(frame);
  };

  const sendProposals = () => {
    if (isDecided) sendUnsent(proposals, (frame) => socket?.send(frame));
  };

  /** Have no more to do with the socket. Whatever it still brings is not taken in. */
  const leave = () => {
    const left = socket;
    socket = undefined;
    isDecided = false;
    watchdog.expect(0);
    clearTimeout(retry);
    if (left && left.readyState <= OPEN) left.close();
  };

  /** No connection will be made again. */
  const finish = (problem?: TransportsError) => {
    const ended = run;
    run = undefined;
    leave();
    giveUp(proposals, () => true);
    become("closed", problem);
    if (problem instanceof RefusedError) ended?.reject(problem);
    else ended?.resolve();
  };

  /** The connection has ended, whoever ended it. */
  const end = (code: number, reason: string) => {
    const problem = closed(code, reason);
    // One of the frames in flight was at fault.
    if (code === 1009 || code === 4400) giveUp(proposals, ({ sent }) => sent);
    if (!run || problem instanceof RefusedError) {
      finish(problem);
      return;
    }
    const { url } = run;
    if (Date.now() - dialedMs >= STABLE_MS) attempt = 0;
    leave();
    retry = setTimeout(() => dial(url), backoffMs(attempt++, random));
    become("waiting", problem);
  };

  const watchdog = createWatchdog(() => end(ABNORMAL, "silence"));

  const take = (from: Socket, data: string | ArrayBuffer) => {
    const { messages, problem } = replica.receive(data);
    // A listener may have stopped the client.
    if (socket !== from) return;
    if (problem) from.send(replica.resync());
    const [first] = messages;
    if (first?.t === "hello") {
      watchdog.expect(first.heartbeat * 2_000);
      become("open");
    } else {
      watchdog.heard();
    }
    const epochs = replica.mirror.cursor;
    // The frame that greets also shows which epochs are alive, as one that resets does.
    const isAboutEpochs = messages.some(({ t }) => t === "hello" || t === "reset");
    if (socket !== from || !epochs || !isAboutEpochs) return;
    isDecided = true;
    // Earlier answers may have been missed.
    sendAgain(proposals);
    giveUp(proposals, ({ edit }) => !epochs.has(edit.epoch));
    sendProposals();
  };

  const dial = (url: string, caller = run) => {
    const made = new WebSocket(withQuery(url, replica.begin()));
    made.binaryType = "arraybuffer";
    // First of all listeners, so that the mirror is up to date when the page's own ones run.
    made.addEventListener("message", ({ data }) => {
      if (made === socket) take(made, data as string | ArrayBuffer);
    });
    made.addEventListener("close", ({ code, reason }) => {
      if (made === socket) end(code, reason);
    });
    // `close` follows and says as much. In Node, an error that nobody listens for is thrown.
    made.addEventListener("error", () => {});
    run = caller;
    socket = made;
    dialedMs = Date.now();
    watchdog.expect(GREETING_MS);
    become("connecting");
    return made;
  };

  const begin = (url: string, caller?: Run) => {
    const code = status !== "closed" ? "connected" : !WebSocket && "no WebSocket";
    if (code) throw new LocalProtocolError(code, { code });
    return dial(url, caller);
  };

  return {
    statuses,
    status: () => status,
    send,
    propose(proposed) {
      const outcome = propose(proposals, proposed);
      sendProposals();
      return outcome;
    },
    stop: finish,
    connect: begin,
    run: (url) => new Promise((resolve, reject) => void begin(url, { url, resolve, reject })),
  };
}
