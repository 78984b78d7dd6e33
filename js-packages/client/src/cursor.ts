/** A cursor: what a client remembers in order to resume. */

/** The greatest revision seen of each epoch. */
export type Cursor = ReadonlyMap<string, number>;

/** Write a cursor as text: `epoch:rev`, comma-joined where a connection sees several sessions. */
export function format(cursor: Iterable<[epoch: string, rev: number]>): string {
  return Array.from(cursor, (position) => position.join(":")).join();
}
