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
   * After each connection that was open and fell silent, it waits twice as long as it is told to, for
   * the frame that was missed may only have been large.
   */
  expect(patienceMs: number): void;
  /** Note that frames flow: no more patience is needed than at the beginning. */
  heard(): void;
}

/**
 * Begin without expecting anything.
 *
 * @param onSilence what to call. It tells whether the connection was open.
 */
export function createWatchdog(onSilence: () => boolean): Watchdog {
  let factor = 1;
  let heardMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const watch = (patienceMs: number) => {
    const leftMs = heardMs + patienceMs - Date.now();
    if (leftMs > 0) {
      timer = setTimeout(watch, leftMs, patienceMs);
    } else if (onSilence()) {
      factor *= 2;
    }
  };
  return {
    expect(patienceMs) {
      clearTimeout(timer);
      heardMs = Date.now();
      if (patienceMs > 0) watch(patienceMs * factor);
    },
    heard() {
      heardMs = Date.now();
      factor = 1;
    },
  };
}
