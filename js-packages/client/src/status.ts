/** What a client may say of its connection. */

/**
 * What a client is doing.
 *
 * - `closed`: nothing. It was not connected yet, or that is over.
 * - `connecting`: making a connection, until the server has greeted it, and shown what there is.
 * - `open`: mirroring.
 * - `waiting`: to try again in a while.
 */
export type Status = "closed" | "connecting" | "open" | "waiting";
