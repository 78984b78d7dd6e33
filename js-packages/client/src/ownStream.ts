/** What streams have in common that are made here, and not by the platform. */

import type { Ending, Stream } from "./socket.js";

/** What a stream tells its listeners. */
export interface StreamEvents {
  readonly message: { readonly data: string; readonly lastEventId: string };
  readonly open: object;
  readonly close: Ending;
  readonly error: Ending;
}

type Type = keyof StreamEvents;
type Listener<T extends Type> = (event: StreamEvents[T]) => void;

export const CLOSED = 2;

/** A stream that tells its listeners what it is told to. */
export abstract class OwnStream implements Stream {
  readyState = 0;
  readonly #listeners: [type: Type, listener: Listener<never>][] = [];

  addEventListener<T extends Type>(type: T, listener: Listener<T>): void {
    this.#listeners.push([type, listener]);
  }

  abstract close(): void;

  protected tell<T extends Type>(type: T, event: StreamEvents[T]): void {
    for (const [of, listener] of this.#listeners) if (of === type) listener(event as never);
  }
}
