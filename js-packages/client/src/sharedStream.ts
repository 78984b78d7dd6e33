/**
 * One stream of events for all pages of a browser that want the same: over HTTP/1.1 a browser opens
 * six connections to a host, in all of its pages together.
 *
 * One page holds a lock, and passes on what its stream brings. Every other page begins with a stream
 * of its own, and gives it up in the moment in which both are at the same cursor: what is passed on
 * follows from there. When the page with the lock goes, one of the others gets it, and each connects
 * again at once, from where it is: nothing is wrong with the server.
 */

import { CLOSED, OwnStream, type StreamEvents } from "./ownStream.js";
import { OPEN, type Stream, type StreamClass } from "./socket.js";

/** What pages tell each other. */
type News =
  /** From who has the lock: an event, and the cursor behind it. */
  | { readonly kind: "event"; readonly data: string; readonly id: string }
  /** From who has the lock: where it is. */
  | { readonly kind: "here"; readonly id: string }
  /** From who has the lock: its stream was cut, and is about to come back. */
  | { readonly kind: "away" }
  /** From who has the lock, and did not have it before. */
  | { readonly kind: "new" }
  /** From who wants to follow: where is the one with the lock? */
  | { readonly kind: "where" };

/**
 * Make a class of streams that pages share, to be given to a client as its `EventSource`.
 *
 * Where a browser has no locks (on a page that is not served over HTTPS, nor from this machine), each
 * page has a stream of its own.
 *
 * @param name pages that give the same name share. It says who the user is: what one page is shown,
 *   all are.
 * @param EventSource what makes the stream that is shared; the browser's own unless given.
 */
export function sharedEventSource(
  name: string,
  EventSource: StreamClass = globalThis.EventSource as StreamClass,
): StreamClass {
  return class SharedStream extends OwnStream {
    readonly #channel: BroadcastChannel;
    readonly #leave = new AbortController();
    /** A stream of its own; `undefined` where another page's is followed. */
    #own: Stream | undefined;
    #isFirst = false;
    readonly #url: string;
    #id = "";

    constructor(url: string) {
      super();
      this.#url = url;
      const topic = `transports ${name} ${withoutCursor(url)}`;
      this.#channel = new BroadcastChannel(topic);
      this.#channel.onmessage = ({ data }) => this.#hear(data as News);
      this.#own = this.#open(url);
      const { signal } = this.#leave;
      const hold = () => this.#lead(signal);
      // Given up when this stream is closed.
      globalThis.navigator.locks?.request(topic, { signal }, hold).catch(() => {});
    }

    close(): void {
      this.readyState = CLOSED;
      this.#own?.close();
      this.#leave.abort();
      this.#channel.close();
    }

    #open(url: string): Stream {
      const own = new EventSource(url);
      own.addEventListener("open", () => {
        this.readyState = OPEN;
        this.tell("open", {});
      });
      own.addEventListener("message", (event) => {
        if (own !== this.#own) return;
        this.#take(event as StreamEvents["message"]);
        if (!this.#isFirst) this.#say({ kind: "where" });
      });
      own.addEventListener("error", (ending) => {
        if (own !== this.#own) return;
        const { readyState } = own;
        if (readyState === CLOSED) this.close();
        else if (this.#isFirst) this.#say({ kind: "away" });
        this.readyState = readyState;
        this.tell("error", ending);
      });
      return own;
    }

    /** Take an event, and pass it on. */
    #take({ data, lastEventId }: StreamEvents["message"]): void {
      this.#id = lastEventId;
      this.readyState = OPEN;
      if (this.#isFirst) this.#say({ kind: "event", data, id: lastEventId });
      this.tell("message", { data, lastEventId });
    }

    #hear(news: News): void {
      if (news.kind === "where") {
        if (this.#isFirst) this.#say({ kind: "here", id: this.#id });
      } else if (this.#own) {
        this.#meet(news);
      } else if (news.kind === "event") {
        this.#take({ data: news.data, lastEventId: news.id });
      } else if (news.kind === "away") {
        this.readyState = 0;
        this.tell("error", {});
      } else if (news.kind === "new") {
        // Whom this one followed is gone.
        this.#again();
      }
    }

    /** Follow another page from here on, if it is where this one is. */
    #meet(news: News): void {
      if (this.#isFirst || !this.#id || !("id" in news) || news.id !== this.#id) return;
      this.#own?.close();
      this.#own = undefined;
    }

    /** Hold the lock until this stream is closed. */
    #lead(signal: AbortSignal): Promise<void> {
      return new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve());
        // The one that it followed is gone, and with it the stream. A browser has few connections:
        // those who are told open theirs later.
        if (!this.#own) this.#again();
        this.#isFirst = true;
        this.#say({ kind: "new" });
      });
    }

    /** Have a stream of its own once more, from here on. */
    #again(): void {
      this.readyState = 0;
      this.#own = this.#open(withCursor(this.#url, this.#id));
      this.tell("error", {});
    }

    #say(news: News): void {
      if (this.readyState !== CLOSED) this.#channel.postMessage(news);
    }
  };
}

function withoutCursor(url: string): string {
  const address = new URL(url);
  address.searchParams.delete("since");
  return address.href;
}

function withCursor(url: string, cursor: string): string {
  const address = new URL(url);
  address.searchParams.set("since", cursor);
  return address.href;
}
