/** What a client needs of a WebSocket, whoever makes it. */

/** A WebSocket as browsers have it, and as the package `ws` gives it to Node. */
export interface Socket {
  binaryType: string;
  readonly readyState: number;
  send(frame: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(
    type: "close",
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void;
  addEventListener(type: "open" | "error", listener: () => void): void;
}

/** Makes WebSockets. */
export type SocketClass = new (url: string) => Socket;

/** The platform's own class where there is one, for whoever wants all of it. */
export type PlatformSocket = typeof globalThis extends { WebSocket: { prototype: infer T } }
  ? T
  : Socket;

/** `readyState` of a socket that can send. */
export const OPEN = 1;

/**
 * Set query parameters of a WebSocket's address, but for those without a value, keeping the others.
 *
 * In a page, the address may be relative to it.
 */
export function withQuery(
  url: string,
  parameters: Readonly<Record<string, string | null | undefined>>,
): string {
  const address = new URL(url, globalThis.location?.href);
  // Older browsers take no other scheme.
  address.protocol = address.protocol.replace("http", "ws");
  for (const [name, text] of Object.entries(parameters)) {
    if (text) address.searchParams.set(name, text);
  }
  return address.href;
}
