/** Streams of events over `fetch`: where headers are needed, or the platform has no `EventSource`. */

import { createReader } from "./eventLines.js";
import { CLOSED, OwnStream } from "./ownStream.js";
import type { Ending, StreamClass } from "./socket.js";

/** What a request for a stream may be given. */
export interface FetchOptions {
  /** Headers to send, such as `Authorization`. A function is asked for each stream anew. */
  readonly headers?:
    | Readonly<Record<string, string>>
    | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>)
    | undefined;
  /** Whether to send cookies to another origin: `"include"`. */
  readonly credentials?: "omit" | "same-origin" | "include" | undefined;
}

/**
 * Make a class of streams, to be given to a client as its `EventSource`.
 *
 * Unlike a browser's own, such a stream tells why it was refused, and a client does not come back
 * then. It does not come back by itself after it has ended: that is for the client.
 */
export function fetchEventSource(options: FetchOptions = {}): StreamClass {
  return class FetchStream extends OwnStream {
    readonly #leave = new AbortController();

    constructor(url: string) {
      super();
      this.#read(url).then(
        () => this.#end({}),
        (problem) => this.#end(problem instanceof Refusal ? problem : { reason: String(problem) }),
      );
    }

    close(): void {
      this.readyState = CLOSED;
      this.#leave.abort();
    }

    async #read(url: string): Promise<void> {
      const { headers = {}, credentials = "same-origin" } = options;
      const response = await fetch(url, {
        headers: {
          Accept: "text/event-stream",
          ...(typeof headers === "function" ? await headers() : headers),
        },
        cache: "no-store",
        credentials,
        signal: this.#leave.signal,
      });
      await check(response);
      if (this.readyState === CLOSED) return;
      this.readyState = 1;
      this.tell("open", {});
      const read = createReader((data, lastEventId) => {
        if (this.readyState !== CLOSED) this.tell("message", { data, lastEventId });
      });
      const utf8 = new TextDecoder();
      const reader = response.body?.getReader();
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
        read(utf8.decode(part.value, { stream: true }));
      }
    }

    #end({ code, reason }: Ending): void {
      if (this.readyState === CLOSED) return;
      this.readyState = CLOSED;
      this.tell("error", { code, reason });
    }
  };
}

/** An answer that says that this client is not wanted. */
class Refusal extends Error implements Ending {
  constructor(
    readonly code: number,
    readonly reason: string,
  ) {
    super(reason);
  }
}

/** @throws Error if an answer is no stream: a `Refusal` where its server says so. */
async function check(response: Response): Promise<void> {
  if (response.ok && response.headers.get("Content-Type")?.startsWith("text/event-stream")) return;
  const { code, reason } = await response.json().catch(() => ({}));
  // Any other answer may be a proxy's, and says nothing for good.
  const refuses = Number.isInteger(code) && code >= 4400 && code <= 4406;
  if (!response.ok && refuses && typeof reason === "string") throw new Refusal(code, reason);
  throw new Error(`HTTP status ${response.status}`);
}
