/**
 * Notices that nothing was heard for too long: a connection may be dead, and nobody tells.
 *
 * A laptop that slept, a router that forgot: such a connection looks alive from here for minutes.
 */

/** Calls when nothing is heard for too long. */
export interface Watchdog {
  /**
   * Expect a sign of life within some time from now on, and from each one on; 0 to expect none.
   *
   * After each connection that was open and fell silent, it waits at least twice as long as it did then,
   * for the frame that was missed may only have been large.
   */
  expect(patienceMs: number): void;
  /** Note that frames flow: no more patience is needed than at the beginning. */
  heard(): void;
}

/**
 * Begin without expecting anything.
 *
 * @param onSilence what to call.
 * @param isOpen tells whether the connection is open that fell silent.
 */
export function createWatchdog(onSilence: () => void, isOpen: () => boolean): Watchdog {
  let toldMs = 0;
  // What is borne at least, since there was a silence.
  let leastMs = 0;
  let heardMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const watch = () => {
    const leftMs = heardMs + Math.max(toldMs, leastMs) - Date.now();
    if (leftMs > 0) {
      // Frames may flow meanwhile, so that nothing more is to be borne than what it was told.
      timer = setTimeout(watch, Math.min(leftMs, toldMs));
    } else {
      if (isOpen()) leastMs = 2 * Math.max(toldMs, leastMs);
      onSilence();
    }
  };
  return {
    expect(patienceMs) {
      clearTimeout(timer);
      heardMs = Date.now();
      toldMs = patienceMs;
      if (toldMs) watch();
    },
    heard() {
      heardMs = Date.now();
      leastMs = 0;
    },
  };
}
