/** What a client needs of a WebSocket and of a stream of events, whoever makes them. */

/** How a connection ended; a browser's `EventSource` never tells. */
export interface Ending {
  /** The close code. */
  readonly code?: number | undefined;
  /** The same in words. */
  readonly reason?: string | undefined;
}

/** What both have. */
interface Connection {
  binaryType?: string;
  readonly readyState: number;
  close(): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "open", listener: () => void): void;
  addEventListener(type: "close" | "error", listener: (event: Ending) => void): void;
}

/** A WebSocket as browsers have it, and as the package `ws` gives it to Node. */
export interface Socket extends Connection {
  send(frame: string | Uint8Array<ArrayBuffer>): void;
}

/** Makes WebSockets. */
export type SocketClass = new (url: string) => Socket;

/** A stream of events as browsers have it, and as the package `eventsource` gives it to Node. */
export interface Stream extends Connection {
  readonly send?: undefined;
}

/** Makes streams of events. */
export type StreamClass = new (url: string) => Stream;

/** The platform's own class where there is one, for whoever wants all of it. */
export type PlatformSocket = typeof globalThis extends { WebSocket: { prototype: infer T } }
  ? T
  : Socket;

/** The same of streams. */
export type PlatformStream = typeof globalThis extends { EventSource: { prototype: infer T } }
  ? T
  : Stream;

/** `readyState` of a socket that can send. */
export const OPEN = 1;

/**
 * Set query parameters of an address, but for those without a value, keeping the others.
 *
 * In a page, the address may be relative to it.
 */
export function withQuery(
  url: string,
  parameters: Readonly<Record<string, string | null | undefined>>,
): string {
  const address = new URL(url, globalThis.location?.href);
  for (const [name, text] of Object.entries(parameters)) {
    if (text) address.searchParams.set(name, text);
  }
  return address.href;
}
