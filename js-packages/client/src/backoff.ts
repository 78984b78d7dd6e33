/** How long to wait before trying again. */

/** The longest first wait: a server that was restarted is soon back. */
const FIRST_MS = 500;
/** The longest wait at all. */
const LONGEST_MS = 30_000;

/**
 * Draw a wait in milliseconds: exponential backoff with full jitter.
 *
 * It is drawn from the whole range below a bound that doubles, so that the clients that one restart
 * cut off do not come back all at once.
 *
 * @param attempt how many waits came before.
 * @param random draws from 0 (included) to 1 (excluded).
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  return random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
}
